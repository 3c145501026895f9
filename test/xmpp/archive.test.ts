// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FetchedArchive } from '#main/xmpp/client.ts';
import { limits } from '#main/xmpp/limits.ts';
import type { ArchiveStart } from '#main/xmpp/wire.ts';
import { innerFrom, MARK, ME, RogueTalk } from './rogue-talk.ts';

let talk: RogueTalk;
beforeAll(async () => {
  talk = await RogueTalk.open();
});
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
});

const STAMP = '2024-05-06T07:08:09Z';
const fromBob = innerFrom('bob@localhost/x', ME);

interface Result {
  readonly from?: string;
  readonly query?: string;
  readonly id?: string;
  readonly inner?: string;
  readonly stamp?: string;
}

/** One result as an archive hands it out; honest but for what is asked for. */
const result = (query: string, change: Result = {}): string => {
  const { from = `from='${ME}'`, id = 'a-1', inner = fromBob, stamp = STAMP } = change;
  return (
    `<message ${from} to='${ME}/desk'><result xmlns='urn:xmpp:mam:2' queryid='${change.query ?? query}' id='${id}'>` +
    `<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>${inner}</forwarded></result></message>`
  );
};
const end = (id: string, from = '', complete = true, last = 'a-1'): string =>
  `<iq type='result' id='${id}' ${from}><fin xmlns='urn:xmpp:mam:2' complete='${String(complete)}'>` +
  `<set xmlns='http://jabber.org/protocol/rsm'><first>x</first><last>${last}</last></set></fin></iq>`;

interface Asked {
  readonly fetched: FetchedArchive | undefined;
  readonly events: readonly unknown[];
  readonly request: string;
}

/** What a client makes of this answer to its question. */
async function ask(
  answer: (query: string, id: string) => string,
  start: ArchiveStart = { tag: 'newest' },
): Promise<Asked> {
  let fetched: FetchedArchive | undefined;
  let request = '';
  const { events } = await talk.talk(
    async (peer) => {
      [request] = await peer.expect(/<iq [^>]*><query [^>]*urn:xmpp:mam:2.*?<\/iq>/s);
      const id = /id="([^"]*)"/.exec(request)?.[1] ?? '';
      const query = /queryid="([^"]*)"/.exec(request)?.[1] ?? '';
      peer.send(answer(query, id));
      peer.send(MARK);
    },
    {},
    async ({ client }) => {
      fetched = await client.fetchArchive(start);
    },
  );
  return { fetched, events, request };
}

describe('the archive of the own account (XEP-0313)', () => {
  test('is read a page at a time, and its messages are copies', async () => {
    const sent = innerFrom(`${ME}/phone`, 'bob@localhost');
    const { fetched, events, request } = await ask(
      (query, id) =>
        result(query) + result(query, { id: 'a-2', inner: sent }) + end(id, '', false, 'a-2'),
      { tag: 'after', id: 'a-0' },
    );
    expect(fetched).toMatchObject({ tag: 'page', last: 'a-2', isEnd: false });
    expect(fetched?.tag === 'page' ? fetched.messages : []).toMatchObject([
      { carbon: 'received', stanzaId: 'a-1', delayedAt: Date.parse(STAMP), own: false },
      { carbon: 'sent', stanzaId: 'a-2', own: true, to: { bare: 'bob@localhost' } },
    ]);
    // Handed over once, by this way only.
    expect(events).toEqual([]);
    expect(request).toContain('<after>a-0</after>');
    expect(request).toContain(`<max>${String(limits.archivePage)}</max>`);
    expect(request).not.toContain(' to=');
  });

  test('is asked for its newest page, and from a time on', async () => {
    const none = (_query: string, id: string): string => end(id, '', true, '');
    expect((await ask(none)).request).toMatch(/<before\s*\/>|<before><\/before>/);
    const { request } = await ask(none, { tag: 'since', at: Date.parse(STAMP) });
    expect(request).toContain('<value>2024-05-06T07:08:09.000Z</value>');
  });

  test.each<[string, Result]>([
    ['by a contact', { from: "from='bob@localhost'" }],
    ['by a stranger', { from: "from='eve@evil.example'" }],
    ['by an own device', { from: `from='${ME}/phone'` }],
    ['by the domain', { from: "from='localhost'" }],
    ['to another question', { query: 'guessed' }],
    ['without a name', { id: '' }],
    ['of a message between others', { inner: innerFrom('bob@localhost/x', 'eve@localhost') }],
    ['of a room', { inner: innerFrom('r@muc/x', ME, 'groupchat') }],
    ['of an error', { inner: innerFrom('bob@localhost/x', ME, 'error') }],
    ['of a copy', { inner: result('q') }],
  ])('sec:T-X-FROM-3 sec:CVE-2019-16237 a result %s counts for nothing', async (_what, change) => {
    const { fetched, events } = await ask((query, id) => result(query, change) + end(id));
    expect(fetched).toMatchObject({ tag: 'page', messages: [] });
    expect(events).toEqual([]);
  });

  test('sec:T-X-FROM-3 the end of a page is told by nobody else', async () => {
    const { fetched } = await ask(
      (query, id) => end(id, "from='bob@localhost'") + result(query) + end(id, `from='${ME}'`),
    );
    expect(fetched).toMatchObject({ tag: 'page', messages: [{ stanzaId: 'a-1' }] });
  });

  test('what comes when the page is closed counts for nothing', async () => {
    let query = '';
    const { events } = await talk.talk(
      async (peer) => {
        const [request] = await peer.expect(/<iq [^>]*><query [^>]*urn:xmpp:mam:2.*?<\/iq>/s);
        query = /queryid="([^"]*)"/.exec(request)?.[1] ?? '';
        peer.send(end(/id="([^"]*)"/.exec(request)?.[1] ?? ''));
        await peer.expect(/<body>closed<\/body>/);
        peer.send(result(query) + MARK);
      },
      {},
      async ({ client, jid }) => {
        expect(await client.fetchArchive({ tag: 'newest' })).toMatchObject({ messages: [] });
        client.sendChat({ to: jid, body: 'closed', id: 'closed', requestReceipt: false });
      },
    );
    expect(query).not.toBe('');
    expect(events).toEqual([]);
  });

  test.each([limits.archivePage - 1, limits.archivePage, limits.archivePage + 1])(
    'sec:§8 archivePage: of %i results no more are taken than were asked for',
    async (count) => {
      const { fetched } = await ask(
        (query, id) =>
          Array.from({ length: count }, (_, k) => result(query, { id: `a-${String(k)}` })).join(
            '',
          ) + end(id),
      );
      expect(fetched?.tag === 'page' ? fetched.messages : []).toHaveLength(
        Math.min(count, limits.archivePage),
      );
    },
  );

  test.each([
    ['9999-01-01T00:00:00Z', Date.now() + 2 * 86_400_000],
    ['1970-01-01T00:00:00Z', Date.UTC(2010, 0, 1)],
    ['never', Date.now() + 60_000],
  ])('sec:CVE-2013-6477 a date of %s does not move a message far', async (stamp, latest) => {
    const { fetched } = await ask((query, id) => result(query, { stamp }) + end(id));
    const [message] = fetched?.tag === 'page' ? fetched.messages : [];
    expect(message?.delayedAt).toBeGreaterThanOrEqual(Date.UTC(2010, 0, 1));
    expect(message?.delayedAt).toBeLessThanOrEqual(latest);
  });

  test('that has forgotten the place, or is not there, says so', async () => {
    const refuse = (condition: string) => (_query: string, id: string) =>
      `<iq type='error' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;
    expect((await ask(refuse('item-not-found'))).fetched).toEqual({ tag: 'gone' });
    expect((await ask(refuse('service-unavailable'))).fetched).toEqual({
      tag: 'refused',
      condition: 'service-unavailable',
    });
  });
});
