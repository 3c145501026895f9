// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { type BareJid, type FullJid, parseBareJid } from '#shared/model/jid.ts';
import type { Endpoint, XmppClient, XmppConfig } from '#main/xmpp/client.ts';
import { Connector } from '#main/xmpp/connector.ts';
import { createXmppClient } from '#main/xmpp/create-client.ts';
import type { Clock, XmppDeps } from '#main/xmpp/ports.ts';
import type { ConnectionFailure, WireEvent } from '#main/xmpp/wire.ts';

/** The real clock, and real timers that do not keep the test process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

export const deps: XmppDeps = {
  clock: realClock,
  random: (length) => randomBytes(length),
  note: () => undefined,
};

export function jid(text: string): BareJid {
  const parsed = parseBareJid(text);
  if (!parsed.ok) throw new RangeError(parsed.error);
  return parsed.value;
}

type Tagged<T extends WireEvent['tag']> = Extract<WireEvent, { tag: T }>;

/** A client whose events can be waited for. */
export class Party {
  readonly client: XmppClient;
  readonly jid: BareJid;
  readonly events: WireEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(config: XmppConfig, own: Partial<XmppDeps> = {}) {
    this.jid = config.jid;
    this.client = createXmppClient(config, { ...deps, ...own });
    this.client.subscribe((event) => {
      this.events.push(event);
      for (const check of [...this.#waiting]) check();
    });
  }

  /** The first event of this kind that fits, past or to come. */
  see<T extends WireEvent['tag']>(
    tag: T,
    fits: (event: Tagged<T>) => boolean = () => true,
  ): Promise<Tagged<T>> {
    const { promise, resolve } = Promise.withResolvers<Tagged<T>>();
    const check = (): void => {
      const found = this.all(tag).find(fits);
      if (found === undefined) return;
      this.#waiting.delete(check);
      resolve(found);
    };
    this.#waiting.add(check);
    check();
    return promise;
  }

  all<T extends WireEvent['tag']>(tag: T): Tagged<T>[] {
    return this.events.filter((event): event is Tagged<T> => event.tag === tag);
  }

  /** The address of this very device. */
  full(): FullJid {
    const state = this.client.state();
    if (state.tag !== 'online') throw new Error('not online');
    return state.jid;
  }

  /** Forgets what has been seen, so that `see` waits for something new. */
  forget(): void {
    this.events.length = 0;
  }

  async online(): Promise<this> {
    this.client.connect({ persist: false });
    const event = await this.see(
      'connection',
      ({ state }) => state.tag === 'online' || state.tag === 'failed',
    );
    if (event.state.tag === 'failed') throw new Error(`not online: ${event.state.reason}`);
    await this.see('session');
    return this;
  }

  /** Tries once and tells why it did not work. */
  async refusal(): Promise<ConnectionFailure> {
    this.client.connect({ persist: false });
    const { state } = await this.see(
      'connection',
      (event) => event.state.tag === 'failed' || event.state.tag === 'online',
    );
    if (state.tag !== 'failed') throw new Error('the login went through');
    return state.reason;
  }
}

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly certificatePem: string;
}

export function fixed(place: Place, tls: 'starttls' | 'direct' = 'starttls'): Endpoint {
  return { tag: 'fixed', host: place.host, port: place.port, tls };
}

export function configure(
  place: Place,
  address: string,
  password = 'correct horse',
  more: Partial<XmppConfig> = {},
): XmppConfig {
  return {
    jid: jid(address),
    endpoint: fixed(place),
    extraCertificates: [place.certificatePem],
    language: 'en',
    password: () => Promise.resolve(new TextEncoder().encode(password)),
    allowPlain: false,
    resource: randomBytes(6).toString('hex'),
    ...more,
  };
}

/** Another client of an account, online, which does as the test says and answers nobody. */
export async function otherClient(config: XmppConfig): Promise<Connector> {
  const online = Promise.withResolvers<undefined>();
  const connector = new Connector(config, deps, {
    emit: ({ tag }: WireEvent) => {
      if (tag === 'session') online.resolve(undefined);
    },
    maySeeUs: () => false,
    prepare: () => Promise.resolve(),
  });
  connector.connect({ persist: false });
  await online.promise;
  return connector;
}
