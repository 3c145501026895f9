// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import {
  createInstanceTag,
  createSession,
  type Env,
  type ProfileOwner,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  step,
} from '#otr';
import type { InstanceTag } from '#otr/bytes.ts';
import { TLV_TYPE } from '#otr/codec/tlv.ts';
import { randomScalar } from '#otr/crypto/ed448.ts';
import { sendControl } from '#otr/session/sending.ts';
import { beginSmp } from '#otr/smp/run.ts';
import { makeKeys, type OwnKeyRing } from '#main/account/own-keys.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { configure, jid, Party } from '../../xmpp/parties.ts';

const env: Env = {
  random: (length) => new Uint8Array(randomBytes(length)),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

const PASSWORD = 'password of a rogue';

/**
 * A contact without our window and manners: speaks the real protocol over the real server, and says
 * what no application of ours would say.
 */
export class RoguePeer {
  readonly party: Party;
  readonly #victim: string;
  readonly #tag: InstanceTag = createInstanceTag(env);
  /** Its long-term keys; others after a new installation. */
  #keys: OwnKeyRing = makeKeys(env, this.#tag, false).ring;
  #session: SessionState;
  #full: FullJid | undefined;
  #sent = 0;
  readonly #heard: SessionEffect['tag'][] = [];
  /** What it could read, in order. */
  readonly texts: string[] = [];
  #wake: () => void = () => undefined;

  private constructor(party: Party, victim: string) {
    this.party = party;
    this.#victim = victim;
    this.#session = this.#newSession();
    party.client.subscribe((event) => {
      if (event.tag === 'presence' && event.available && event.from.bare === victim) {
        this.#full = event.from.full;
      }
      if (event.tag !== 'message' || event.from.bare !== victim || event.own) return;
      this.do({ tag: 'receive', body: event.body });
    });
  }

  /** Makes the account, signs in, and lets the victim be a contact as soon as they ask. */
  static async online(prosody: Prosody, name: string, victim: string): Promise<RoguePeer> {
    await prosody.addAccount(name, PASSWORD);
    const peer = RoguePeer.#make(prosody, name, victim);
    const { party } = peer;
    party.client.subscribe((event) => {
      if (event.tag !== 'subscription' || event.step !== 'requested') return;
      party.client.approveSubscription(event.from);
      party.client.requestSubscription(event.from);
    });
    await party.online();
    return peer;
  }

  /** Another device of an account that is there already; returns when it sees the victim. */
  static async beside(prosody: Prosody, name: string, victim: string): Promise<RoguePeer> {
    const peer = RoguePeer.#make(prosody, name, victim);
    await peer.party.online();
    await peer.party.see('presence', ({ available, from }) => available && from.bare === victim);
    return peer;
  }

  static #make(prosody: Prosody, name: string, victim: string): RoguePeer {
    const config = configure(prosody, `${name}@${prosody.domain}`, PASSWORD);
    return new RoguePeer(new Party(config), victim);
  }

  #newSession(): SessionState {
    return createSession({
      own: this.#keys.identity,
      ourJid: this.party.jid,
      theirJid: this.#victim,
      policy: { invitations: 'accept' },
    });
  }

  /** What a prekey server has of this device, had it published anything. */
  get device(): ProfileOwner {
    const { identity, forgingPublic: forgingKey } = this.#keys;
    return { ownerTag: this.#tag, longTermKey: identity.longTermKey, forgingKey };
  }

  /** Advances the session and sends what it wants sent. */
  do(input: SessionInput): readonly SessionEffect[] {
    const { next, effects } = step(this.#session, input, env);
    this.#session = next;
    this.#transmit(effects);
    this.#heard.push(...effects.map(({ tag }) => tag));
    this.texts.push(...effects.flatMap((one) => (one.tag === 'message' ? [one.text] : [])));
    this.#wake();
    return effects;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => {
        resolve(undefined);
      };
      await promise;
    }
  }

  async #told(tag: SessionEffect['tag']): Promise<void> {
    await this.#until(() => this.#heard.includes(tag));
    this.#heard.length = 0;
  }

  /** Resolves when it could read this. */
  async reads(text: string): Promise<void> {
    await this.#until(() => this.texts.includes(text));
  }

  #transmit(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect.tag === 'transmit') for (const body of effect.bodies) this.sendOtr(body);
    }
  }

  /** Any body, to the very device that the session is with. */
  sendOtr(body: string, kind: 'encoded' | 'error' = 'encoded'): void {
    if (this.#full === undefined) throw new RangeError('the victim is not online');
    this.#sent += 1;
    const id = `rogue-${String(this.#sent)}`;
    this.party.client.sendOtr({ to: this.#full, body, id, kind });
  }

  /** In clear, as another client of the same account would write. */
  sendPlain(body: string): void {
    this.#sent += 1;
    const id = `rogue-plain-${String(this.#sent)}`;
    this.party.client.sendChat({ to: jid(this.#victim), body, id, requestReceipt: false });
  }

  /** A question of any length and with any characters, in a well-formed first message. */
  askAnything(question: string): void {
    this.#sendFirst(question, (value) => value);
  }

  /** A question whose proofs do not hold. */
  askWithInvalidProof(question: string): void {
    this.#sendFirst(question, (value) => {
      const broken = value.slice();
      const inProof = broken.length - 30;
      broken[inProof] = (broken[inProof] ?? 0) ^ 1;
      return broken;
    });
  }

  /** Answers the question that waits with values that no honest device could make. */
  answerWithInvalidProof(secret: string): void {
    const { messages } = this.#session;
    if (messages.tag !== 'encrypted' || messages.smp.tag !== 'asked') {
      throw new RangeError('nothing was asked');
    }
    const { theirs } = messages.smp;
    const smp = { ...messages.smp, theirs: { ...theirs, g2a: theirs.g3a } };
    this.#session = { ...this.#session, messages: { ...messages, smp } };
    this.do({ tag: 'smp-answer', secret });
  }

  /** Resolves when the victim's question has come. */
  async asked(): Promise<void> {
    await this.#told('smp-asked');
  }

  #sendFirst(question: string, change: (value: Uint8Array) => Uint8Array): void {
    const { messages } = this.#session;
    if (messages.tag !== 'encrypted') throw new RangeError('there is no session');
    const { value } = beginSmp(randomScalar(env), question, env);
    const tlv = { type: TLV_TYPE.smp1, value: change(value) };
    const { next, effects } = sendControl(this.#session, messages, [tlv], env);
    this.#session = next;
    this.#transmit(effects);
  }

  /** Another key under the same instance tag, as after a new installation, or an attack. */
  reinstall(): void {
    this.#keys = makeKeys(env, this.#tag, false).ring;
    this.#session = this.#newSession();
  }

  async leave(): Promise<void> {
    await this.party.client.disconnect();
  }
}
