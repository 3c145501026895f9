// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { expect } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { MESSAGE_TYPE } from '#otr/codec/header.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { findRevealedMacKey, modifyDataMessage } from '#otr/forging/data-message.ts';
import { LIMITS } from '#otr/limits.ts';
import { deriveMacKey } from '#otr/ratchet/chain.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import type { SessionPolicy } from '#otr/session/policy.ts';
import { createSession, reconfigure } from '#otr/session/session.ts';
import { openSnapshot, sealSnapshot } from '#otr/session/snapshot.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { Shelf } from '../../support/offline-parties.ts';
import { reveal } from '../../support/reveal.ts';
import { Clock, clockedEnv, identityOf, Party } from '../../support/two-parties.ts';

/** One end of one session: a client, and which of its sessions this is. */
export interface End {
  readonly name: string;
  /** Whose keys it has. */
  readonly identity: string;
  readonly link: number;
  party: Party;
  readonly shelf: Shelf;
}

export interface Packet {
  readonly link: number;
  readonly to: End;
  readonly body: string;
}

/** What the user, the network and an attacker may do. Numbers choose among what there is. */
export type Event =
  | { readonly tag: 'say' | 'start' | 'cancel' | 'end' | 'prepare'; readonly by: number }
  | { readonly tag: 'offline' | 'ask' | 'answer' | 'give-up' | 'restart'; readonly by: number }
  | { readonly tag: 'cut'; readonly by: number; readonly length: number }
  | { readonly tag: 'pass'; readonly ms: number }
  | { readonly tag: 'deliver' | 'drop' | 'duplicate' | 'replay' | 'forge'; readonly at: number }
  | { readonly tag: 'redirect'; readonly at: number; readonly to: number }
  | { readonly tag: 'corrupt'; readonly at: number; readonly bit: number }
  | { readonly tag: 'splice'; readonly at: number; readonly other: number; readonly cut: number };

const SECRET = 'the same for both';

/** Turns what Alice wrote into what she did not. */
const FORGERY = { offset: 0, oldText: 'alice', newText: 'ALICE' };

/** Ciphertexts and under which key they were made: told by whoever watches the cipher. */
export const sealedUnder = new Map<string, string>();

export function digestOf(bytes: Uint8Array): string {
  return bytesToHex(shake256(bytes, { dkLen: 16 }));
}

function dataIn(body: string) {
  if (!body.startsWith('?OTR:')) return undefined;
  const bytes = parseArmor(body);
  return bytes[2] === MESSAGE_TYPE.data ? decodeDataMessage(bytes).message : undefined;
}

/** What is authenticated of a body: all of it but the MAC keys that a data message reveals. */
function coreOf(body: string): string {
  try {
    const bytes = parseArmor(body);
    if (bytes[2] !== MESSAGE_TYPE.data) return body;
    const { message, authenticated } = decodeDataMessage(bytes);
    return bytesToHex(authenticated) + bytesToHex(message.authenticator);
  } catch {
    return body;
  }
}

/**
 * Alice, who has one session with each client of Bob's, and everything between them. Each thing that
 * happens is followed by a look at everything that must always hold.
 */
export class World {
  readonly clock = new Clock();
  readonly ends: readonly End[];
  readonly waiting: Packet[] = [];
  readonly seen: Packet[] = [];
  /** Each text, and to which tags it was encrypted; none while it was not sent. */
  readonly said = new Map<string, readonly number[]>();
  /** How often something was said under a MAC key that was revealed. */
  forged = 0;
  readonly #read = new Set<string>();
  readonly #usedKeys = new Map<string, string>();
  readonly #seed: string;
  readonly #policy: Partial<SessionPolicy>;
  #texts = 0;

  constructor(clients: number, seed: string, policy: Partial<SessionPolicy> = {}) {
    this.#seed = seed;
    this.#policy = { invitations: 'accept', mode: 'standalone', ...policy };
    this.ends = Array.from({ length: clients }, (_, link) => [
      this.#end('alice', 'alice', link),
      this.#end('bob', link === 0 ? 'bob' : `bob's client ${link.toString()}`, link),
    ]).flat();
  }

  #end(name: string, identity: string, link: number): End {
    const party = new Party(name, this.#fresh(name, identity), this.#env(name, link));
    return { name, identity, link, party, shelf: new Shelf(identity) };
  }

  #env(name: string, link: number) {
    return clockedEnv(`${this.#seed}/${name}/${link.toString()}`, this.clock);
  }

  #params(name: string, identity: string) {
    const peer = name === 'alice' ? 'bob' : 'alice';
    return {
      own: identityOf(identity),
      ourJid: `${name}@xmpp.example`,
      theirJid: `${peer}@xmpp.example`,
      policy: this.#policy,
    };
  }

  #fresh(name: string, identity: string) {
    return createSession(this.#params(name, identity));
  }

  other({ link, name }: End): End {
    const found = this.ends.find((end) => end.link === link && end.name !== name);
    if (found === undefined) throw new RangeError('nobody at the other end');
    return found;
  }

  happen(event: Event): void {
    switch (event.tag) {
      case 'pass':
        this.pass(event.ms);
        break;
      case 'say':
      case 'start':
      case 'cancel':
      case 'end':
      case 'prepare':
      case 'offline':
      case 'ask':
      case 'answer':
      case 'give-up':
      case 'restart':
      case 'cut':
        this.#act(event);
        break;
      default:
        this.#interfere(event);
    }
    this.#expectSound();
  }

  pass(ms: number): void {
    this.clock.pass(ms);
    for (const end of this.ends) this.#do(end, { tag: 'tick' });
  }

  /** A text that nobody has written before. */
  say(end: End): string {
    this.#texts += 1;
    const text = `${end.name} over ${end.link.toString()}, ${this.#texts.toString()}.`;
    this.said.set(text, []);
    this.#do(end, { tag: 'send', ref: text, text });
    return text;
  }

  deliverAll(): void {
    for (let packet = this.waiting.shift(); packet !== undefined; packet = this.waiting.shift()) {
      this.hand(packet);
      this.#expectSound();
    }
  }

  hasRead(text: string): boolean {
    return this.#read.has(text);
  }

  #act(event: Extract<Event, { by: number }>): void {
    const end = this.#pick(this.ends, event.by);
    if (end === undefined) return;
    switch (event.tag) {
      case 'say':
        this.say(end);
        return;
      case 'offline':
        this.#do(end, { tag: 'start-offline', ensemble: this.other(end).shelf.publish() });
        return;
      case 'ask':
        this.#do(end, { tag: 'smp-start', secret: SECRET });
        return;
      case 'answer':
        this.#do(end, { tag: 'smp-answer', secret: SECRET });
        return;
      case 'give-up':
        this.#do(end, { tag: 'smp-abort' });
        return;
      case 'restart':
        this.#restart(end);
        return;
      case 'cut':
        end.party.state = reconfigure(end.party.state, { policy: { maxBodyLength: event.length } });
        return;
      default:
        this.#do(end, { tag: event.tag });
    }
  }

  /** The process ends and begins again: what was begun offline goes on, everything else is gone. */
  #restart(end: End): void {
    const { party, name, identity, link } = end;
    using key = Secret.own<32>(new Uint8Array(32).fill(7), 32);
    const env = this.#env(`${name} restarted ${this.seen.length.toString()}`, link);
    const bytes = sealSnapshot(party.state, key, env);
    const opened =
      bytes === undefined ? undefined : openSnapshot(bytes, key, this.#params(name, identity), env);
    if (opened !== undefined) expect(opened.ok).toBe(true);
    const state = opened?.ok === true ? opened.state : this.#fresh(name, identity);
    end.party = new Party(name, state, env);
  }

  #interfere(event: Exclude<Event, { by: number } | { tag: 'pass' }>): void {
    const fromSeen = event.tag === 'replay' || event.tag === 'redirect' || event.tag === 'forge';
    const packets = fromSeen ? this.seen : this.waiting;
    const packet = this.#pick(packets, event.at);
    if (packet === undefined) return;
    switch (event.tag) {
      case 'replay':
        this.hand(packet);
        return;
      case 'redirect':
        this.hand({ ...packet, to: this.#pick(this.ends, event.to) ?? packet.to });
        return;
      case 'forge':
        this.#forge(event.at);
        return;
      case 'splice':
        this.#tamper(packet, this.#spliced(packet, event.other, event.cut));
        return;
      default:
        this.#transport(packet, event);
    }
  }

  #transport(packet: Packet, event: Event): void {
    if (event.tag !== 'duplicate') this.waiting.splice(this.waiting.indexOf(packet), 1);
    if (event.tag === 'drop') return;
    if (event.tag === 'corrupt') this.#tamper(packet, corrupt(packet.body, event.bit));
    else this.hand(packet);
  }

  #spliced(packet: Packet, other: number, cut: number): string {
    const tail = this.#pick(this.seen, other)?.body ?? packet.body;
    const at = cut % Math.max(1, packet.body.length);
    return packet.body.slice(0, at) + tail.slice(at);
  }

  /** Whoever has a revealed MAC key may say anything under it: to anybody but who revealed it. */
  #forge(at: number): void {
    const start = at % Math.max(1, this.seen.length);
    for (const packet of [...this.seen.slice(start), ...this.seen.slice(0, start)]) {
      const forged = this.#forgery(packet);
      if (forged === undefined) continue;
      this.forged += 1;
      this.#tamper(packet, forged);
      return;
    }
  }

  #forgery({ body }: Packet): string | undefined {
    const data = dataIn(body);
    if (data === undefined || data.ciphertext.length < FORGERY.oldText.length) return undefined;
    const bytes = parseArmor(body);
    const revealing = this.seen.filter((other) => dataIn(other.body)?.revealedMacKeys.length);
    for (const later of revealing) {
      const macKey = findRevealedMacKey(bytes, parseArmor(later.body));
      if (macKey !== undefined) return formatArmor(modifyDataMessage(bytes, FORGERY, macKey));
    }
    return undefined;
  }

  /** What nobody wrote touches no keys. Pieces of a message may still complete what somebody wrote. */
  #tamper(packet: Packet, body: string): void {
    const { messages } = packet.to.party.state;
    this.hand({ ...packet, body });
    const isPiece = body.startsWith('?OTR|');
    const isGenuine = this.seen.some((other) => coreOf(other.body) === coreOf(body));
    if (!isPiece && !isGenuine) expect(packet.to.party.state.messages).toBe(messages);
  }

  hand({ to, body }: Packet): void {
    const { state } = to.party;
    const effects = this.#do(to, { tag: 'receive', body });
    const wanted = effects.find((effect) => effect.tag === 'prekey-wanted');
    const prekey = wanted === undefined ? undefined : to.shelf.find(wanted.prekeyId);
    if (effects.every(({ tag }) => tag === 'ignored')) {
      expect(to.party.state.messages).toBe(state.messages);
      expect(to.party.state.dake).toBe(state.dake);
    }
    if (wanted === undefined || prekey === undefined) return;
    const then = this.#do(to, { tag: 'receive', body: wanted.body, prekey });
    for (const effect of then) {
      if (effect.tag === 'prekey-used') to.shelf.pairs.delete(effect.prekeyId);
    }
  }

  #do(end: End, input: SessionInput): readonly SessionEffect[] {
    const effects = end.party.do(input);
    for (const effect of effects) this.#note(end, effect);
    for (const body of end.party.takeOutbox()) this.#emit(end, body);
    return effects;
  }

  #note(end: End, effect: SessionEffect): void {
    if (effect.tag === 'sent') {
      const ref = String(effect.ref);
      this.said.set(ref, [...(this.said.get(ref) ?? []), effect.theirTag]);
    }
    if (effect.tag !== 'message') return;
    const { text } = effect;
    expect(this.#read.has(text), `read again: ${text}`).toBe(false);
    this.#read.add(text);
    const writer = text.startsWith('alice') ? 'alice' : 'bob';
    expect(this.said.get(text), text).toEqual([identityOf(end.identity).profile.ownerTag]);
    expect(end.name).not.toBe(writer);
  }

  /** Nothing leaves but what no one can read, and no key leaves its mark twice. */
  #emit(end: End, body: string): void {
    expect(body.startsWith('?OTR')).toBe(true);
    for (const text of this.said.keys()) expect(body.includes(text)).toBe(false);
    const to = this.other(end);
    this.waiting.push({ link: end.link, to, body });
    this.seen.push({ link: end.link, to, body });
    const data = dataIn(body);
    if (data === undefined) return;
    this.#expectDeadKeysOnly(end, data.revealedMacKeys);
    const key = sealedUnder.get(digestOf(data.ciphertext));
    if (key === undefined) throw new RangeError('nobody saw how this was encrypted');
    expect(this.#usedKeys.get(key), 'a message key was used twice').toBeUndefined();
    this.#usedKeys.set(key, body);
  }

  /** A MAC key goes out only once its message can no longer be read by who reveals it. */
  #expectDeadKeysOnly({ party }: End, revealedMacKeys: Uint8Array): void {
    const { messages } = party.state;
    if (messages.tag !== 'encrypted') return;
    const revealed = bytesToHex(revealedMacKeys);
    for (const { messageKey } of messages.ratchet.skipped) {
      using macKey = deriveMacKey(messageKey);
      expect(revealed).not.toContain(reveal(macKey));
    }
  }

  /** What must hold whatever has happened. */
  #expectSound(): void {
    for (const { party } of this.ends) expectBounded(party);
  }

  #pick<T>(list: readonly T[], at: number): T | undefined {
    return list[at % Math.max(1, list.length)];
  }
}

function corrupt(body: string, bit: number): string {
  if (!body.startsWith('?OTR:')) return body.slice(0, bit % Math.max(1, body.length));
  const bytes = parseArmor(body).slice();
  const where = bit % (bytes.length * 8);
  bytes[where >> 3] = (bytes[where >> 3] ?? 0) ^ (1 << (where & 7));
  return formatArmor(bytes);
}

function expectBounded({ state }: Party): void {
  const { held, early, fragments, throttle, messages } = state;
  expect(held.length).toBeLessThanOrEqual(LIMITS.outgoingQueue);
  expect(early.length).toBeLessThanOrEqual(LIMITS.earlyMessages);
  expect(fragments.buffers.length).toBeLessThanOrEqual(LIMITS.fragmentBuffersPerSender);
  expect(throttle.usedIdentities.length).toBeLessThanOrEqual(64);
  if (messages.tag !== 'encrypted') return;
  const { ratchet, readBefore } = messages;
  expect(ratchet.skipped.length).toBeLessThanOrEqual(LIMITS.skippedKeys);
  expect(ratchet.macKeysToReveal.length).toBeLessThanOrEqual(RATCHET_LIMITS.macKeysToReveal);
  expect(readBefore.length).toBeLessThanOrEqual(128);
}

/** Both ends of a link stand in one and the same session. */
export function isOneSession(one: End, other: End): boolean {
  const [a, b] = [one.party.state.messages, other.party.state.messages];
  if (a.tag !== 'encrypted' || b.tag !== 'encrypted') return false;
  return reveal(a.ssid) === reveal(b.ssid);
}

/** After calm both have come to the same keys. */
export function expectAgreement(one: End, other: End): void {
  const [a, b] = [one.party.state.messages, other.party.state.messages];
  if (a.tag !== 'encrypted' || b.tag !== 'encrypted') throw new Error('no session');
  expect(reveal(a.ssid)).toBe(reveal(b.ssid));
  expect(a.ratchet.rotations).toBe(b.ratchet.rotations);
  expect(reveal(a.ratchet.rootKey)).toBe(reveal(b.ratchet.rootKey));
  expect(reveal(a.ratchet.braceKey)).toBe(reveal(b.ratchet.braceKey));
}
