// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import type { FetchedArchive } from './client.ts';
import { fromArchive, type InboundContext } from './inbound.ts';
import { limits } from './limits.ts';
import { toErrorCondition } from './requests.ts';
import type { ArchiveStart, WireMessage } from './wire.ts';

/** A question to the archive that is still open, and what has come for it. */
interface Query {
  readonly messages: WireMessage[];
  results: number;
}

const FORM_TYPE = 'urn:xmpp:mam:2';

/** Results that carry no message of a person still count, or a page of them would look like the end. */
type WireResult = Partial<Stanzas.MAMResult>;

function toQuery(id: string, start: ArchiveStart): Stanzas.IQ {
  const fields: Stanzas.DataFormField[] = [{ name: 'FORM_TYPE', type: 'hidden', value: FORM_TYPE }];
  if (start.tag === 'since') {
    fields.push({ name: 'start', value: new Date(start.at).toISOString() });
  }
  const place = { after: { after: start.tag === 'after' ? start.id : '' }, newest: { before: '' } };
  const paging = start.tag === 'since' ? {} : place[start.tag];
  return {
    type: 'set',
    archive: {
      type: 'query',
      version: '2',
      queryId: id,
      form: { type: 'submit', fields },
      paging: { max: limits.archivePage, ...paging },
    },
  };
}

/** Reads the account's own archive (XEP-0313). What was not asked for is not listened to. */
export class ArchiveReader {
  readonly #agent: Agent;
  readonly #context: () => InboundContext;
  readonly #open = new Map<string, Query>();

  constructor(agent: Agent, context: () => InboundContext) {
    this.#agent = agent;
    this.#context = context;
  }

  /** A stanza that says to come out of an archive: our own, and asked for, or nothing. */
  take({ from, archive }: { readonly from?: string; readonly archive: WireResult }): void {
    const context = this.#context();
    if (from !== undefined && from !== '' && from !== context.own) return;
    const query = this.#open.get(archive.queryId ?? '');
    if (query === undefined || query.results >= limits.archivePage) return;
    query.results += 1;
    const message = fromArchive(archive, context);
    if (message !== undefined) query.messages.push(message);
  }

  /** One page, the oldest first. */
  async fetch(start: ArchiveStart): Promise<FetchedArchive> {
    const id = this.#agent.nextId();
    const query: Query = { messages: [], results: 0 };
    this.#open.set(id, query);
    try {
      const { archive }: Stanzas.IQ = await this.#agent.sendIQ(toQuery(id, start));
      if (archive?.type !== 'result') return { tag: 'refused', condition: 'undefined-condition' };
      const last = archive.paging?.last;
      const isEnd = archive.complete === true || last === undefined || query.results === 0;
      return { tag: 'page', messages: query.messages, last, isEnd };
    } catch (rejection) {
      const condition = toErrorCondition(rejection);
      return condition === 'item-not-found' ? { tag: 'gone' } : { tag: 'refused', condition };
    } finally {
      this.#open.delete(id);
    }
  }
}
