// SPDX-License-Identifier: GPL-3.0-or-later

import {
  createPrekeyClient,
  nextPrekeyTickAt,
  type PrekeyClient,
  type PrekeyClientContext,
  type PrekeyClientEffect,
  type PrekeyClientInput,
  type PrekeyFailedWhy,
  type PrekeyGoneWhy,
  type PrekeyRefusedWhy,
  type PrekeyRequest,
  prekeyClientSecrets,
  type PublicationContent,
  reconfigurePrekeyClient,
  type Secret,
  type SentAbout,
  stepPrekeyClient,
  type ValidEnsemble,
} from '#otr';
import { newStanzaId } from '#shared/std/random-hex.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import type { PrekeysWorld } from './ports.ts';

/** How a key exchange with a server ended. */
export type ExchangeResult =
  | { readonly tag: 'status'; readonly count: number }
  | { readonly tag: 'published' }
  /** It may have arrived. */
  | { readonly tag: 'unconfirmed' }
  | { readonly tag: 'failed'; readonly why: PrekeyFailedWhy | PrekeyRefusedWhy };

/** How a question for somebody's ensembles ended. */
export type QueryResult =
  | { readonly tag: 'ensembles'; readonly ensembles: readonly ValidEnsemble[] }
  | {
      readonly tag: 'none';
      readonly why: 'none-stored' | 'none-valid' | PrekeyGoneWhy | PrekeyRefusedWhy;
    };

/** Makes secrets durable. What it throws keeps them from leaving. */
export type Persist = (publication: PublicationContent) => void;

const wipeAll = (secrets: readonly Secret[]): void => {
  for (const secret of secrets) secret.wipe();
};

/** Stanzas of ours that may still come back. */
const MAX_SENT = 64;

/**
 * One prekey server: the engine's machine on the wire. What must be on disk before it leaves is on disk
 * before it leaves, and nothing is wiped that the machine still holds.
 */
export class ServerTalk {
  readonly #world: PrekeysWorld;
  readonly #persist: Persist;
  readonly #queries = new Map<string, (result: QueryResult) => void>();
  readonly #sent = new Map<string, SentAbout>();
  #client: PrekeyClient;
  #ended: ((result: ExchangeResult) => void) | undefined;
  #cancelAlarm: () => void = () => undefined;

  constructor(world: PrekeysWorld, context: PrekeyClientContext, persist: Persist) {
    this.#world = world;
    this.#persist = persist;
    this.#client = createPrekeyClient(context);
  }

  get isIdle(): boolean {
    return this.#ended === undefined && this.#queries.size === 0;
  }

  /** From the next exchange on. */
  reconfigure(context: PrekeyClientContext): void {
    this.#client = reconfigurePrekeyClient(this.#client, context);
  }

  /** One at a time; resolves in any case. */
  exchange(request: PrekeyRequest): Promise<ExchangeResult> {
    if (this.#ended !== undefined) return Promise.resolve({ tag: 'failed', why: 'busy' });
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#take({ tag: 'request', request }, (why) => {
        this.#end({ tag: 'failed', why });
      });
    });
  }

  /** Resolves in any case. */
  query(identity: string): Promise<QueryResult> {
    if (this.#queries.has(identity)) return Promise.resolve({ tag: 'none', why: 'too-soon' });
    return new Promise((resolve) => {
      this.#queries.set(identity, resolve);
      this.#take({ tag: 'query', identity }, (why) => {
        this.#answer(identity, { tag: 'none', why });
      });
    });
  }

  hear(event: WireEvent): void {
    switch (event.tag) {
      case 'prekey':
        this.#take({ tag: 'receive', from: event.from, body: event.body });
        return;
      case 'prekey-bounced':
        if (event.from === this.#client.context.serverJid) this.#bounced(event.forId);
        return;
      case 'not-sent':
        this.#bounced(event.id);
        return;
      case 'session':
        if (!event.resumed) this.#take({ tag: 'disconnected' });
        return;
      case 'connection':
        if (event.state.tag !== 'online') this.#take({ tag: 'disconnected' });
        return;
      default:
    }
  }

  /** Everybody who waits hears that there is no line any more. */
  stop(): void {
    this.#take({ tag: 'disconnected' });
    this.#cancelAlarm();
    wipeAll(prekeyClientSecrets(this.#client));
  }

  #bounced(id: string): void {
    const about = this.#sent.get(id);
    if (about !== undefined) this.#take({ tag: 'bounced', about });
  }

  #take(input: PrekeyClientInput, refused?: (why: PrekeyRefusedWhy) => void): void {
    const { next, effects } = stepPrekeyClient(this.#client, input, this.#world.env);
    this.#client = next;
    const follow: PrekeyClientInput[] = [];
    let isDurable = true;
    for (const effect of effects) {
      if (effect.tag === 'persist') isDurable = this.#save(effect.publication);
      else if (effect.tag === 'transmit') {
        const failure = isDurable ? this.#send(effect.body, effect.about) : 'bounced';
        if (failure === 'bounced') follow.push({ tag: 'bounced', about: effect.about });
        if (failure === 'disconnected') follow.push({ tag: 'disconnected' });
      } else if (effect.tag === 'refused') refused?.(effect.why);
      else this.#perform(effect);
    }
    this.#setAlarm();
    for (const each of follow) this.#take(each);
  }

  #save(publication: PublicationContent): boolean {
    try {
      this.#persist(publication);
      return true;
    } catch (cause) {
      this.#world.note(cause);
      return false;
    }
  }

  #send(body: string, about: SentAbout): 'sent' | 'bounced' | 'disconnected' {
    const id = newStanzaId(this.#world.env);
    const to = this.#client.context.serverJid;
    const result = this.#world.wire.sendPrekey({ to, body, id });
    if (result === 'offline') return 'disconnected';
    if (result === 'too-long') return 'bounced';
    this.#sent.set(id, about);
    const [oldest] = this.#sent.keys();
    if (oldest !== undefined && this.#sent.size > MAX_SENT) this.#sent.delete(oldest);
    return 'sent';
  }

  #perform(effect: Exclude<PrekeyClientEffect, { tag: 'persist' | 'transmit' | 'refused' }>): void {
    switch (effect.tag) {
      case 'published':
      case 'unconfirmed':
      case 'status':
      case 'failed':
        this.#end(effect);
        return;
      case 'ensembles':
        this.#answer(effect.identity, effect);
        return;
      case 'no-ensembles':
      case 'query-failed':
        this.#answer(effect.identity, { tag: 'none', why: effect.why });
        return;
      case 'retire':
        wipeAll(effect.secrets);
        return;
      case 'ignored':
    }
  }

  #end(result: ExchangeResult): void {
    const ended = this.#ended;
    this.#ended = undefined;
    // What comes back of it now is about nothing any more.
    for (const [id, { tag }] of this.#sent) if (tag === 'exchange') this.#sent.delete(id);
    ended?.(result);
  }

  #answer(identity: string, result: QueryResult): void {
    const answered = this.#queries.get(identity);
    this.#queries.delete(identity);
    answered?.(result);
  }

  #setAlarm(): void {
    this.#cancelAlarm();
    this.#cancelAlarm = () => undefined;
    const at = nextPrekeyTickAt(this.#client);
    if (at === undefined) return;
    const delayMs = Math.max(0, at - this.#world.clock.monotonicNow());
    this.#cancelAlarm = this.#world.clock.after(delayMs, () => {
      this.#take({ tag: 'tick' });
    });
  }
}
