// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { createInstanceTag, createSession, type Env, step } from '#otr';
import { makeKeys } from '#main/account/own-keys.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { configure, jid, Party } from '../../xmpp/parties.ts';

const PASSWORD = 'password of mallory';

const env: Env = {
  random: (length) => new Uint8Array(randomBytes(length)),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A sound invitation from one address to another, by a device that nobody has seen yet. */
export function inviteFrom(ourJid: string, theirJid: string): string {
  const { identity: own } = makeKeys(env, createInstanceTag(env), false).ring;
  const session = createSession({ own, ourJid, theirJid, policy: { invitations: 'accept' } });
  const { effects } = step(session, { tag: 'start' }, env);
  const [body] = effects.flatMap((effect) => (effect.tag === 'transmit' ? effect.bodies : []));
  if (body === undefined) throw new TypeError('a start without a message');
  return body;
}

/** An account that speaks XMPP and nothing else: says any body, and writes down every answer. */
export class Mallory {
  readonly party: Party;
  readonly #victim: string;
  #sent = 0;

  private constructor(party: Party, victim: string) {
    this.party = party;
    this.#victim = victim;
  }

  static async online(prosody: Prosody, name: string, victim: string): Promise<Mallory> {
    await prosody.addAccount(name, PASSWORD);
    const party = new Party(configure(prosody, `${name}@${prosody.domain}`, PASSWORD));
    party.client.subscribe((event) => {
      if (event.tag !== 'subscription' || event.step !== 'requested') return;
      party.client.approveSubscription(event.from);
      party.client.requestSubscription(event.from);
    });
    return new Mallory(await party.online(), victim);
  }

  /** The device of the victim, as a contact sees it. */
  async victimDevice(): Promise<FullJid> {
    const seen = await this.party.see(
      'presence',
      ({ available, from }) => available && from.bare === this.#victim && from.full !== undefined,
    );
    if (seen.from.full === undefined) throw new TypeError('a presence without a device');
    return seen.from.full;
  }

  say(body: string): void {
    const to = jid(this.#victim);
    this.party.client.sendChat({ to, body, id: this.#nextId(), requestReceipt: false });
  }

  sayTo(to: FullJid, body: string): void {
    this.party.client.sendOtr({ to, body, id: this.#nextId(), kind: 'encoded' });
  }

  /** Everything the victim has said to us, in order. */
  get heard(): readonly string[] {
    return this.party
      .all('message')
      .filter(({ from, own }) => from.bare === this.#victim && !own)
      .map(({ body }) => body);
  }

  async hears(body: string): Promise<void> {
    await this.party.see('message', (event) => event.body === body);
  }

  #nextId(): string {
    this.#sent += 1;
    return `${this.party.jid}-${String(this.#sent)}`;
  }
}
