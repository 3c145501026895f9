// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be deleted, and when: one test for each duty of forward secrecy. That nothing else is
// left at any point is shown by secrets.test.ts.
import { describe, expect, it } from 'vitest';

import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh, pruneAndRetire, sign } from '#otr/crypto/ed448.ts';
import { signRing } from '#otr/crypto/ring-signature.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import { acceptOffline, beginOffline } from '#otr/dake/non-interactive.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { decodeNonInteractiveAuth } from '#otr/codec/non-interactive-auth.ts';
import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import { forgetAllSkipped, ratchetSecrets } from '#otr/ratchet/ratchet.ts';
import type { Ratchet } from '#otr/ratchet/ratchet.ts';
import type { Encrypted } from '#otr/session/state.ts';

import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { OfflineParties } from '../../support/offline-parties.ts';
import { ratchetPair } from '../../support/ratchet-pair.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { secretsIn, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const made = watchMadeSecrets();

/** Keeps every array that was drawn: whoever wipes it wipes it here. */
function watched(env: Env): { readonly env: Env; readonly drawn: Uint8Array[] } {
  const drawn: Uint8Array[] = [];
  const random = (length: number): Uint8Array => {
    const bytes = env.random(length);
    drawn.push(bytes);
    return bytes;
  };
  return {
    env: { random, nowMs: () => env.nowMs(), monotonicMs: () => env.monotonicMs() },
    drawn,
  };
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((octet) => octet === 0);

function sessionOf({ state }: Party): Encrypted {
  if (state.messages.tag !== 'encrypted') throw new RangeError('no session');
  return state.messages;
}

const ratchetOf = (party: Party): Ratchet => sessionOf(party).ratchet;

function wiped(...secrets: readonly (Secret | undefined)[]): readonly boolean[] {
  return secrets.map((secret) => secret?.wiped ?? false);
}

/** Secrets that were made since and are in nobody's state. */
function strays(...kept: readonly unknown[]): readonly Secret[] {
  const held = secretsIn(kept);
  return made.filter((secret) => !secret.wiped && !held.has(secret));
}

describe('deleted', () => {
  it('otr:§7 when a key is made: what was drawn for it, and its hash', () => {
    const { env, drawn } = watched(seededEnv('generation'));
    const { secret } = generateEcdh(env);
    expect(drawn.map(isZero)).toEqual([true]);
    const hash = new Uint8Array(57).fill(7);
    pruneAndRetire(hash);
    expect(isZero(hash)).toBe(true);
    expect(secret.wiped).toBe(false);
    const dh = generateDh(env);
    expect(drawn.map(isZero)).toEqual([true, false]);
    dh.secret.wipe();
    expect(drawn.map(isZero)).toEqual([true, true]);
  });

  it('otr:§7 otr:T-228 when a forging key is made that nobody wants: its secret', () => {
    const { env, drawn } = watched(seededEnv('forging'));
    createForgingKeyAndForget(env);
    expect(drawn.map(isZero)).toEqual([true]);
    expect(strays()).toEqual([]);
    const kept = createLongTermKey(env);
    expect(drawn.map(isZero)).toEqual([true, false]);
    expect(strays(kept)).toEqual([]);
  });

  it('otr:§7 when something is signed: the nonce, all that was drawn, and every scalar', () => {
    const { env, drawn } = watched(seededEnv('ring'));
    const pairs = [generateEcdh(env), generateEcdh(env), generateEcdh(env)] as const;
    const [first, second, third] = pairs;
    signRing(second, [first.public, second.public, third.public], Uint8Array.of(1), env);
    expect(drawn).toHaveLength(3 + 7);
    expect(drawn.every(isZero)).toBe(true);
    expect(strays(pairs)).toEqual([]);
    const key = createLongTermKey(env);
    sign(key.seed, Uint8Array.of(1));
    expect(strays(pairs, key)).toEqual([]);
  });

  it('otr:§7 otr:T-073 when K is agreed: x, a and what came of them, at the responder', () => {
    const parties = new TwoParties({ seed: 'agreed' });
    const { alice, bob } = parties;
    bob.do({ tag: 'start' });
    const before = made.length;
    for (const body of bob.takeOutbox()) alice.receive(body);
    const { dake } = alice.state;
    if (dake.tag !== 'waiting-auth-i') throw new RangeError('no answer');
    const left = made.slice(before).filter((secret) => !secret.wiped);
    const { mixed, ssid, ours } = dake;
    expect(new Set(left)).toEqual(
      new Set([mixed, ssid, ours.firstEcdh.secret, ours.firstDh.secret]),
    );
  });

  it('otr:§7 otr:T-073 when K is agreed: y, b and what came of them, at the initiator', () => {
    const { alice, bob } = new TwoParties({ seed: 'agreed too' });
    bob.do({ tag: 'start' });
    const { dake } = bob.state;
    if (dake.tag !== 'waiting-auth-r') throw new RangeError('not started');
    const { ecdh, dh, firstEcdh, firstDh } = dake.ours;
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect(wiped(ecdh.secret, dh.secret)).toEqual([false, false]);
    for (const body of alice.takeOutbox()) bob.receive(body);
    // The first keys are used up at once: the initiator makes new ones before it speaks.
    expect(wiped(ecdh.secret, dh.secret, firstEcdh.secret, firstDh.secret)).toEqual([
      ...[true, true, true, true],
    ]);
    expect(strays(alice.state, bob.state)).toEqual([]);
  });

  it('otr:§7 when the key exchange is over: its state, K, and all it was made from', () => {
    const { alice, bob } = new TwoParties({ seed: 'over' });
    bob.do({ tag: 'start' });
    for (const body of bob.takeOutbox()) alice.receive(body);
    const { dake } = alice.state;
    if (dake.tag !== 'waiting-auth-i') throw new RangeError('no answer');
    for (const body of alice.takeOutbox()) bob.receive(body);
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect([alice.state.dake, bob.state.dake]).toEqual([{ tag: 'start' }, { tag: 'start' }]);
    expect(dake.mixed.wiped).toBe(true);
    // The responder's first keys are needed until the initiator's first ratchet arrives.
    const { firstEcdh, firstDh } = dake.ours;
    expect(wiped(firstEcdh.secret, firstDh.secret)).toEqual([false, false]);
    bob.send('the first ratchet');
    for (const body of bob.takeOutbox()) alice.receive(body);
    expect(wiped(firstEcdh.secret, firstDh.secret)).toEqual([true, true]);
  });

  it('otr:§7 when a message is sent: its chain key and its keys', () => {
    const parties = TwoParties.established({ seed: 'sent' });
    const { bob } = parties;
    bob.send('one');
    const { sending } = ratchetOf(bob);
    const before = made.length;
    bob.send('two');
    expect(wiped(sending)).toEqual([true]);
    const left = made.slice(before).filter((secret) => !secret.wiped);
    expect(left).toEqual([ratchetOf(bob).sending]);
  });

  it('otr:§7 when a message is read: its chain key and its keys, but for the MAC key', () => {
    const parties = TwoParties.established({ seed: 'read' });
    const { alice, bob } = parties;
    bob.send('one');
    parties.settle();
    const { receiving } = ratchetOf(alice);
    const before = made.length;
    bob.send('two');
    const sent = made.length;
    parties.settle();
    expect(before).toBeLessThan(sent);
    expect(wiped(receiving)).toEqual([true]);
    const next = ratchetOf(alice);
    const left = made.slice(sent).filter((secret) => !secret.wiped);
    expect(new Set(left)).toEqual(new Set([next.receiving, next.macKeysToReveal[1]]));
  });

  it('otr:§7 when we take a turn: the keys of the one before, and the list that was revealed', () => {
    const parties = TwoParties.established({ seed: 'turn' });
    const { alice, bob } = parties;
    for (const [from, to] of [
      [bob, alice],
      [alice, bob],
      [bob, alice],
    ] as const) {
      from.send('turn');
      for (const body of from.takeOutbox()) to.receive(body);
    }
    const old = ratchetOf(alice);
    expect(old.rotations).toBe(3);
    expect(old.macKeysToReveal).toHaveLength(1);
    alice.send('with new DH keys');
    const { rootKey, braceKey, sending, ourDh, macKeysToReveal } = old;
    expect(wiped(rootKey, braceKey, ...macKeysToReveal)).toEqual([true, true, true]);
    // Gone already, with the turn that answered them.
    expect([sending, ourDh.secret, old.ourEcdh.secret]).toEqual([undefined, undefined, undefined]);
    expect(strays(alice.state, bob.state)).toEqual([]);
  });

  it('otr:§7 when the peer takes a turn: our ECDH key, and our DH key with a new one of theirs', () => {
    const parties = TwoParties.established({ seed: 'their turn' });
    const { alice, bob } = parties;
    bob.send('id 0, DH');
    const first = ratchetOf(bob);
    parties.settle();
    alice.send('id 1');
    expect(wiped(first.ourEcdh.secret, first.ourDh.secret)).toEqual([false, false]);
    parties.settle();
    expect(wiped(first.ourEcdh.secret, first.ourDh.secret)).toEqual([true, false]);
    expect(wiped(first.rootKey, first.braceKey, first.sending)).toEqual([true, true, true]);
    bob.send('id 2');
    parties.settle();
    alice.send('id 3, DH');
    parties.settle();
    expect(wiped(first.ourDh.secret)).toEqual([true]);
  });

  it('otr:§7 when the keys of the next turn lay about: those, and none that is in use', () => {
    const parties = TwoParties.established({ seed: 'ahead' });
    const { alice, bob, clock } = parties;
    bob.send('your turn');
    parties.settle();
    alice.do({ tag: 'prepare' });
    const { ahead } = ratchetOf(alice);
    const prepared = [...secretsIn(ahead)];
    expect(prepared.length).toBeGreaterThan(3);
    clock.pass(LIMITS.preparedKeysLifetimeMs);
    alice.do({ tag: 'tick' });
    expect(prepared.every((secret) => secret.wiped)).toBe(true);
    expect([...secretsIn(alice.state)].every((secret) => !secret.wiped)).toBe(true);
  });

  it('otr:§7 when a late message is read, or is given up: the keys that were kept for it', () => {
    const parties = TwoParties.established({ seed: 'late' });
    const { alice, bob, clock } = parties;
    for (const text of ['late', 'lost', 'there']) bob.send(text);
    const [late = '', , there = ''] = bob.takeOutbox();
    alice.receive(there);
    const kept = ratchetOf(alice).skipped;
    const [ofLate = [], ofLost = []] = kept.map((key) => [...secretsIn(key)]);
    expect([ofLate.length, ofLost.length]).toEqual([2, 2]);
    expect(wiped(...ofLate)).toEqual([false, false]);
    alice.receive(late);
    expect(wiped(...ofLate, ...ofLost)).toEqual([true, true, false, false]);
    // Gives the other one up.
    clock.pass(LIMITS.skippedKeyLifetimeMs);
    alice.do({ tag: 'tick' });
    expect(wiped(...ofLost)).toEqual([true, true]);
  });

  it('otr:§7 when several messages are missing: the chain keys in between', () => {
    const { alice, bob } = TwoParties.established({ seed: 'several' });
    for (const text of ['lost', 'and lost', 'and lost', 'there']) bob.send(text);
    const there = bob.takeOutbox().at(-1) ?? '';
    alice.receive(there);
    expect(ratchetOf(alice).skipped).toHaveLength(3);
    expect(strays(alice.state, bob.state)).toEqual([]);
  });

  it('otr:§7 when there is no more room: the keys that were kept for the oldest message', () => {
    const { alice, bob } = ratchetPair({ skippedKeys: 1 });
    const bodies = ['a', 'b', 'c', 'd'].map((text) => bob.say(text));
    alice.hear(bodies[1] ?? new Uint8Array());
    const [oldest] = alice.ratchet.skipped;
    alice.hear(bodies[3] ?? new Uint8Array());
    expect(alice.ratchet.skipped).toHaveLength(1);
    expect(alice.retired).toContain(oldest?.messageKey);
    expect(alice.retired).toContain(oldest?.extraKey);
  });

  it('otr:§7 when there is no more room: the MAC keys that will not be revealed', () => {
    const { alice, bob } = ratchetPair({ macKeysToReveal: 1 });
    const [a, b, c, , e] = ['a', 'b', 'c', 'd', 'e'].map((text) => bob.say(text));
    alice.hear(a ?? new Uint8Array());
    // In its place, late, and in its place again, with one that is missing.
    for (const body of [c, b, e]) {
      const [oldest] = alice.ratchet.macKeysToReveal;
      expect(alice.hear(body ?? new Uint8Array())).not.toContain('(');
      expect(alice.retired).toContain(oldest);
    }
    const [oldest] = alice.ratchet.macKeysToReveal;
    expect(forgetAllSkipped(alice.ratchet, alice.limits).retired).toContain(oldest);
    expect(alice.ratchet.skipped).toHaveLength(1);
  });

  it('otr:§7 when extra symmetric keys were handed over: the one of the message itself', () => {
    const parties = TwoParties.established({ seed: 'extra' });
    const { alice, bob } = parties;
    const context = new Uint8Array(4);
    bob.do({ tag: 'extra-keys', ref: 1, requests: [{ context }] });
    parties.settle();
    const given = [alice, bob].flatMap((party) => party.heard('extra-keys'));
    expect(given.length).toBe(2);
    expect(strays(alice.state, bob.state, given)).toEqual([]);
  });

  it('otr:§7 when a comparison is begun anew: the secrets of the one before', () => {
    const { alice, bob } = TwoParties.established({ seed: 'anew' });
    bob.do({ tag: 'smp-start', secret: 'x' });
    const before = [...secretsIn(sessionOf(bob).smp)];
    bob.do({ tag: 'smp-start', secret: 'y' });
    expect(before.length).toBeGreaterThan(0);
    expect(wiped(...before)).toEqual(before.map(() => true));
    expect(strays(alice.state, bob.state)).toEqual([]);
  });

  it('otr:§7 when a comparison ends, or is given up: its secrets, exponents and blinders', () => {
    for (const end of ['answered', 'aborted'] as const) {
      const parties = TwoParties.established({ seed: end });
      const { alice, bob } = parties;
      bob.do({ tag: 'smp-start', secret: 'x' });
      parties.settle();
      const asked = [...secretsIn([sessionOf(alice).smp, sessionOf(bob).smp])];
      expect(asked.length).toBeGreaterThan(2);
      alice.do(end === 'answered' ? { tag: 'smp-answer', secret: 'x' } : { tag: 'smp-abort' });
      const during = [...secretsIn([sessionOf(alice).smp, sessionOf(bob).smp])];
      parties.settle();
      expect([...asked, ...during].every((secret) => secret.wiped)).toBe(true);
      expect([...secretsIn([sessionOf(alice).smp, sessionOf(bob).smp])]).toEqual([]);
    }
  });

  for (const [how, act] of [
    ['we end it', ({ alice }: TwoParties) => void alice.do({ tag: 'end' })],
    ['the peer ends it', ({ bob }: TwoParties) => void bob.do({ tag: 'end' })],
    [
      'it expires',
      ({ alice, clock }: TwoParties) => {
        clock.pass(LIMITS.sessionIdleMs);
        alice.do({ tag: 'tick' });
      },
    ],
    ['a new one takes its place', ({ bob }: TwoParties) => void bob.do({ tag: 'start' })],
  ] as const) {
    it(`otr:§7 otr:T-227 when a session is over because ${how}: all of it`, () => {
      const parties = TwoParties.established({ seed: how });
      const { alice, bob } = parties;
      for (const text of ['lost', 'read']) bob.send(text);
      for (const body of bob.takeOutbox().slice(1)) alice.receive(body);
      const session = sessionOf(alice);
      const all = [...ratchetSecrets(session.ratchet), session.ssid];
      expect(new Set(all)).toEqual(secretsIn(session));
      expect(all.length).toBeGreaterThan(6);
      act(parties);
      parties.settle();
      expect(all.every((secret) => secret.wiped)).toBe(true);
    });
  }

  it('otr:§7 when a message to who was away is forged: all that was derived for it', () => {
    const parties = new OfflineParties({ seed: 'forged prekey' });
    const { alice, bob } = parties;
    const shelf = parties.shelfOf(bob);
    const { bytes } = beginOffline(shelf.publish(), alice.state.context, alice.env);
    const message = decodeNonInteractiveAuth(bytes);
    const prekeys = shelf.find(message.prekeyId);
    if (prekeys === undefined) throw new RangeError('no prekey');
    const theirs = validateOffer(message, bob.env);
    const forged = { ...message, authMac: message.authMac.map((octet) => octet ^ 1) };
    const since = made.length;
    const received = { message: forged, theirs };
    expect(acceptOffline(received, prekeys, bob.state.context, bob.env)).toBeUndefined();
    expect(made.length).toBeGreaterThan(since);
    expect(made.slice(since).filter((secret) => !secret.wiped)).toEqual([]);
  });

  it('otr:§7 when a prekey is used: its secrets, and x, a, tmp_k and the MAC key, not the brace key', () => {
    const parties = new OfflineParties({ seed: 'prekey' });
    const { alice, bob } = parties;
    const shelf = parties.shelfOf(bob);
    const ensemble = shelf.publish();
    const before = made.length;
    const begun = beginOffline(ensemble, alice.state.context, alice.env);
    const held = secretsIn(begun);
    expect(made.slice(before).filter((secret) => !secret.wiped && !held.has(secret))).toEqual([]);
    expect(begun.established.ratchet.braceKey.wiped).toBe(false);

    const message = decodeNonInteractiveAuth(begun.bytes);
    const prekeys = shelf.find(message.prekeyId);
    if (prekeys === undefined) throw new RangeError('no prekey');
    const theirs = validateOffer(message, bob.env);
    const since = made.length;
    const accepted = acceptOffline({ message, theirs }, prekeys, bob.state.context, bob.env);
    expect(accepted?.ratchet.braceKey.wiped).toBe(false);
    const kept = secretsIn(accepted);
    expect(made.slice(since).filter((secret) => !secret.wiped && !kept.has(secret))).toEqual([]);
    // Only lent so far: it is the session that uses it up.
    const { ecdh, dh } = prekeys.pair;
    expect(wiped(ecdh.secret, dh.secret)).toEqual([false, false]);
    bob.do({ tag: 'receive', body: formatArmor(begun.bytes), accepted: true, prekey: prekeys });
    expect(bob.heard('prekey-used')).toHaveLength(1);
    expect(wiped(ecdh.secret, dh.secret)).toEqual([true, true]);
  });

  for (const [how, act] of [
    ['cancelled', ({ bob }: TwoParties) => void bob.do({ tag: 'cancel' })],
    [
      'not answered in time',
      ({ bob, clock }: TwoParties) => {
        clock.pass(LIMITS.sessionIdleMs);
        bob.do({ tag: 'tick' });
      },
    ],
  ] as const) {
    it(`otr:§7 otr:T-183 when a key exchange is ${how}: all that was made for it`, () => {
      const parties = new TwoParties({ seed: how });
      const { alice, bob } = parties;
      bob.do({ tag: 'start' });
      for (const body of bob.takeOutbox()) alice.receive(body);
      const [authR = ''] = alice.takeOutbox();
      expect(decodeAuthR(parseArmor(authR)).sigma).toHaveLength(342);
      const pending = [...secretsIn([bob.state.dake])];
      expect(pending).toHaveLength(4);
      act(parties);
      expect(pending.every((secret) => secret.wiped)).toBe(true);
      bob.receive(authR);
      expect(bob.state.messages.tag).toBe('plaintext');
    });
  }

  it('otr:§7 when a key exchange yields to another: all that was made for it', () => {
    const { alice, bob } = new TwoParties({ seed: 'yields' });
    alice.do({ tag: 'start' });
    bob.do({ tag: 'start' });
    const pending = [alice, bob].map(({ state }) => [...secretsIn(state.dake)]);
    const [fromAlice = '', fromBob = ''] = [...alice.takeOutbox(), ...bob.takeOutbox()];
    alice.receive(fromBob);
    bob.receive(fromAlice);
    const given = pending.map((secrets) => secrets.every((secret) => secret.wiped));
    expect(given.toSorted()).toEqual([false, true]);
  });
});
