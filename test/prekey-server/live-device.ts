// SPDX-License-Identifier: GPL-3.0-or-later

import type { Connector } from '#main/xmpp/connector.ts';
import { registerAccount } from '#main/xmpp/register-account.ts';
import {
  createPrekeyClient,
  type PrekeyClient,
  type PrekeyClientEffect,
  type PrekeyClientInput,
  stepPrekeyClient,
} from '#otr';
import {
  keyedDevice,
  type KeyedDevice,
  type KnownServer,
  realEnv,
} from '../../tools/prekey-server/keyed-device.ts';
import { configure, deps, otherClient, type Place } from '../xmpp/parties.ts';

const PASSWORD = 'correct horse';

/** What a stanza error of the component says. */
export interface Bounce {
  readonly condition: string | undefined;
}

/** The engine's client on a real connection: one device of an account. */
export class LiveDevice implements AsyncDisposable {
  readonly keys: KeyedDevice;
  readonly connector: Connector;
  readonly told: PrekeyClientEffect[] = [];
  readonly bounces: Bounce[] = [];
  /** Bodies of the component, as they came. */
  readonly heard: string[] = [];
  #client: PrekeyClient;
  #changed = Promise.withResolvers<undefined>();

  private constructor(connector: Connector, keys: KeyedDevice) {
    this.connector = connector;
    this.keys = keys;
    this.#client = createPrekeyClient(keys.context);
    connector.agent.on('message', ({ from, body }) => {
      if (from !== keys.context.serverJid || body === undefined) return;
      this.heard.push(body);
      this.#step({ tag: 'receive', from, body });
    });
    connector.agent.on('message:error', (stanza) => {
      if (stanza.from !== keys.context.serverJid) return;
      this.bounces.push({ condition: stanza.error?.condition });
      this.#tell();
    });
  }

  /** Registers the account first, if it is new. */
  static async online(place: Place, jid: string, server: KnownServer): Promise<LiveDevice> {
    const config = configure(place, jid, PASSWORD);
    await registerAccount(config, new TextEncoder().encode(PASSWORD), deps);
    return new LiveDevice(await otherClient(config), keyedDevice(jid, server));
  }

  /** Publishes, and waits for what becomes of it. */
  async publish(...content: Parameters<KeyedDevice['content']>): Promise<PrekeyClientEffect> {
    const publication = this.keys.content(...content);
    return this.ask({ tag: 'request', request: { tag: 'publish', publication } });
  }

  async status(): Promise<PrekeyClientEffect> {
    return this.ask({ tag: 'request', request: { tag: 'status' } });
  }

  async query(identity: string): Promise<PrekeyClientEffect> {
    return this.ask({ tag: 'query', identity });
  }

  /** Does it, and waits for the outcome. */
  async ask(input: PrekeyClientInput): Promise<PrekeyClientEffect> {
    const before = this.told.length;
    this.#step(input);
    await this.#until(() => this.told.length > before);
    const outcome = this.told[before];
    if (outcome === undefined) throw new RangeError('no outcome');
    return outcome;
  }

  /** Any body at all, to the component. */
  say(body: string, type: 'normal' | 'chat' = 'normal'): void {
    this.connector.agent.sendMessage({ to: this.keys.context.serverJid, type, body });
  }

  async bounced(): Promise<void> {
    await this.#until(() => this.bounces.length > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connector.disconnect();
  }

  #step(input: PrekeyClientInput): void {
    const { next, effects } = stepPrekeyClient(this.#client, input, realEnv);
    this.#client = next;
    for (const effect of effects) {
      if (effect.tag === 'transmit') this.say(effect.body);
      else if (effect.tag !== 'persist' && effect.tag !== 'retire') this.told.push(effect);
    }
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }
}
