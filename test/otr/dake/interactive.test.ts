// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';

import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import type { AuthRMessage } from '#otr/codec/auth-r.ts';
import { encodeIdentity } from '#otr/codec/identity.ts';
import type { IdentityMessage } from '#otr/codec/identity.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { encodeMpi, Writer } from '#otr/codec/writer.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { expandSeed, generateEcdh } from '#otr/crypto/ed448.ts';
import { shake } from '#otr/crypto/kdf.ts';
import { signRing } from '#otr/crypto/ring-signature.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { initiate, receiveAuthI, receiveAuthR, receiveIdentity } from '#otr/dake/interactive.ts';
import { authIRing, toOfferSide, toPublics, toSide, toTranscript } from '#otr/dake/sides.ts';
import { DAKE_START, dakeSecrets } from '#otr/dake/state.ts';
import type { DakeContext, DakeState, DakeStep } from '#otr/dake/state.ts';
import { authITranscript, authRTranscript } from '#otr/dake/transcript.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { OtrError } from '#otr/errors.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';

import {
  establishedBy,
  knownContext,
  knownExchange,
  sentBy,
  toReceived,
} from '../../support/known-session.ts';
import { KNOWN_EXPIRATION_MS, KNOWN_NOW_MS, labelledEnv } from '../../support/labelled-random.ts';
import { reveal } from '../../support/reveal.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const alice = knownContext('alice');
const bob = knownContext('bob');
const env = (seed: string) => seededEnv(seed, KNOWN_NOW_MS);

const bobStarted = initiate(DAKE_START, 0, bob, env('bob'));
const identity = sentBy(bobStarted);
const aliceAnswered = receiveIdentity(DAKE_START, toReceived(identity), alice, env('alice'));
const authR = decodeAuthR(sentBy(aliceAnswered));
const bobConfirmed = receiveAuthR(bobStarted.next, authR, bob, env('bob/auth-i'));
const authI = decodeAuthI(sentBy(bobConfirmed));

const toAlice = (message: IdentityMessage, state: DakeState = DAKE_START) =>
  receiveIdentity(state, toReceived(encodeIdentity(message)), alice, env('alice'));

/** The message left the state alone, and says why. */
function expectIgnored(step: DakeStep, state: DakeState, why: string): void {
  expect(step.next).toBe(state);
  expect(step.effects).toEqual([{ tag: 'ignored', why }]);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Bob's profile once more, with another date: valid, and another one. */
function otherProfileOfBob() {
  const { longTermKey, profile } = bob.own;
  const { ownerTag, forgingKey } = profile;
  return signClientProfile({ ownerTag, longTermKey, forgingKey }, KNOWN_EXPIRATION_MS - 1000);
}

describe('both', () => {
  it('otr:T-050 take the first keys of the ratchet from what each announced', () => {
    const { message } = toReceived(identity);
    const accepted = receiveAuthI(aliceAnswered.next, authI, alice);
    const ofBob = establishedBy(bobConfirmed).firstKeys;
    const ofAlice = establishedBy(accepted).firstKeys;
    expect(ofBob.ourEcdh.public).toEqual(message.firstEcdhPublic);
    expect(ofBob.ourDh.public).toBe(message.firstDhPublic);
    expect(ofBob.theirEcdh).toEqual(authR.firstEcdhPublic);
    expect(ofBob.theirDh).toBe(authR.firstDhPublic);
    expect(ofAlice.ourEcdh.public).toEqual(authR.firstEcdhPublic);
    expect(ofAlice.ourDh.public).toBe(authR.firstDhPublic);
    expect(ofAlice.theirEcdh).toEqual(message.firstEcdhPublic);
    expect(ofAlice.theirDh).toBe(message.firstDhPublic);
  });

  it('keep when they began, and begin with nothing to retire', () => {
    const clock = { ...env('bob'), monotonicMs: () => 7, nowMs: () => KNOWN_NOW_MS };
    const started = initiate(DAKE_START, 0, bob, clock);
    expect(started.next).toMatchObject({ startedAt: 7, since: KNOWN_NOW_MS });
    expect(started.effects.map(({ tag }) => tag)).toEqual(['transmit']);
    const later = { ...clock, monotonicMs: () => 9, nowMs: () => KNOWN_NOW_MS + 2 };
    const again = initiate(started.next, 0, bob, later);
    expect(again.next).toMatchObject({ startedAt: 9, since: KNOWN_NOW_MS });
  });

  it('wipe x and a as soon as K is made', () => {
    const own = vi.spyOn(Secret, 'own');
    try {
      const { next } = receiveIdentity(DAKE_START, toReceived(identity), alice, env('wiping'));
      const made = own.mock.results.map(({ value }) => value as Secret);
      expect(made.length).toBeGreaterThan(dakeSecrets(next).length);
      expect(made.filter((secret) => !secret.wiped)).toHaveLength(dakeSecrets(next).length);
      expect(dakeSecrets(next).filter((secret) => secret.wiped)).toEqual([]);
    } finally {
      own.mockRestore();
    }
  });
});

describe('the initiator', () => {
  it('otr:T-055 ignores an Auth-R with any part of its signature changed, and then takes the right one', () => {
    for (const bit of [0, 57 * 8, 2 * 57 * 8 + 3, 341 * 8 - 12]) {
      const forged = { ...authR, sigma: flipped(authR.sigma, bit) };
      const step = receiveAuthR(bobStarted.next, forged, bob, env('x'));
      expectIgnored(step, bobStarted.next, 'invalid');
    }
    expect(establishedBy(bobConfirmed).role).toBe('initiator');
    expect(bobConfirmed.next).toBe(DAKE_START);
  });

  it('otr:T-057 rejects an Auth-R whose first keys stand before its signature', () => {
    const swapped = new Writer()
      .short(4)
      .byte(0x36)
      .int(authR.senderTag)
      .int(authR.receiverTag)
      .bytes(authR.profile.raw)
      .bytes(authR.ecdhPublic)
      .mpi(authR.dhPublic)
      .bytes(authR.firstEcdhPublic)
      .mpi(authR.firstDhPublic)
      .bytes(authR.sigma)
      .finish();
    const attempt = () =>
      receiveAuthR(bobStarted.next, decodeAuthR(swapped), bob, env('x')).effects[0];
    const outcome = (() => {
      try {
        return attempt()?.tag;
      } catch (cause) {
        return cause instanceof OtrError ? 'malformed' : 'bug';
      }
    })();
    expect(['ignored', 'malformed']).toContain(outcome);
  });

  it('otr:T-059 sec:T-O-PHI-1 does not believe an answer made for another address', () => {
    for (const wrong of [
      { ...alice, ourJid: 'Alice@xmpp.example' },
      { ...alice, theirJid: 'bob@xmpp.example.' },
      { ...alice, ourJid: 'mallory@xmpp.example' },
    ]) {
      const answer = receiveIdentity(DAKE_START, toReceived(identity), wrong, env('alice'));
      const step = receiveAuthR(bobStarted.next, decodeAuthR(sentBy(answer)), bob, env('x'));
      expectIgnored(step, bobStarted.next, 'invalid');
    }
  });

  it('otr:T-061 sec:T-O-PHI-1 does not believe an answer to an Identity message whose first keys were changed', () => {
    const { message } = toReceived(identity);
    const changes: Partial<IdentityMessage>[] = [
      { firstEcdhPublic: generateEcdh(env('mitm')).public },
      { firstDhPublic: generateDh(env('mitm')).public },
    ];
    for (const change of changes) {
      const answer = toAlice({ ...message, ...change });
      const step = receiveAuthR(bobStarted.next, decodeAuthR(sentBy(answer)), bob, env('x'));
      expectIgnored(step, bobStarted.next, 'invalid');
    }
  });

  it('otr:T-062 does not believe an answer to an Identity message with another profile of the same person', () => {
    const { message } = toReceived(identity);
    const forged = encodeIdentity({ ...message, profile: otherProfileOfBob() });
    const answer = receiveIdentity(DAKE_START, toReceived(forged), alice, env('alice'));
    expect(answer.next.tag).toBe('waiting-auth-i');
    const step = receiveAuthR(bobStarted.next, decodeAuthR(sentBy(answer)), bob, env('x'));
    expectIgnored(step, bobStarted.next, 'invalid');
  });

  it('otr:T-068 ignores an Auth-R for another client, and one from a client it did not ask', () => {
    const tag = validateInstanceTag(0x777, 'tag');
    const elsewhere = receiveAuthR(bobStarted.next, { ...authR, receiverTag: tag }, bob, env('x'));
    expectIgnored(elsewhere, bobStarted.next, 'not-for-us');
    const asked = initiate(DAKE_START, tag, bob, env('bob'));
    expectIgnored(receiveAuthR(asked.next, authR, bob, env('x')), asked.next, 'foreign-tag');
    const reflected = { ...authR, senderTag: bob.own.profile.ownerTag };
    const step = receiveAuthR(bobStarted.next, reflected, bob, env('x'));
    expectIgnored(step, bobStarted.next, 'reflected');
  });

  it('otr:T-221 ignores an Auth-R of an earlier run', () => {
    const again = initiate(DAKE_START, 0, bob, env('bob again'));
    expectIgnored(receiveAuthR(again.next, authR, bob, env('x')), again.next, 'invalid');
  });

  it('otr:T-063 refuses an Auth-R with keys that are no keys', () => {
    for (const change of badKeys()) {
      const message: AuthRMessage = { ...authR, ...change };
      expect(() => receiveAuthR(bobStarted.next, message, bob, env('x'))).toThrow(OtrError);
    }
  });

  it('sends the same Identity message again while it waits, and a new one after an answer', () => {
    const again = initiate(bobStarted.next, 0, bob, env('other'));
    expect(sentBy(again)).toEqual(identity);
    const afterAnswering = initiate(aliceAnswered.next, 0, alice, env('other'));
    expect(afterAnswering.next.tag).toBe('waiting-auth-r');
    expect(afterAnswering.effects).toContainEqual({
      tag: 'retire',
      secrets: dakeSecrets(aliceAnswered.next),
    });
  });
});

type OfferedKey = 'ecdhPublic' | 'dhPublic' | 'firstEcdhPublic' | 'firstDhPublic';

/** Points of small order, the identity, and DH elements outside of the group. */
function badKeys(): Partial<Pick<IdentityMessage, OfferedKey>>[] {
  const identityPoint = Uint8Array.from({ length: 57 }, (_, at) => (at === 0 ? 1 : 0));
  const orderFour = new Uint8Array(57);
  const { message } = toReceived(identity);
  return [
    { ecdhPublic: identityPoint },
    { ecdhPublic: orderFour },
    { firstEcdhPublic: identityPoint },
    { firstEcdhPublic: orderFour },
    { dhPublic: 1n },
    { dhPublic: 0n },
    { firstDhPublic: 1n },
    { dhPublic: 5n },
    // One key for two purposes.
    { firstEcdhPublic: message.ecdhPublic, ecdhPublic: message.ecdhPublic },
    { firstDhPublic: message.dhPublic, dhPublic: message.dhPublic },
  ];
}

describe('the responder', () => {
  it('otr:T-063 sec:T-C-PT-1 does not answer an Identity message with keys that are no keys', () => {
    const { message } = toReceived(identity);
    for (const change of badKeys()) {
      expect(() => toAlice({ ...message, ...change })).toThrow(OtrError);
    }
  });

  it('otr:T-035 does not answer when the profile is of another client', () => {
    const { message } = toReceived(identity);
    expect(() => toAlice({ ...message, senderTag: validateInstanceTag(0x555, 'tag') })).toThrow(
      OtrError,
    );
  });

  it('otr:T-068 answers an Identity message for this client, and ignores one for another', () => {
    const { message } = toReceived(identity);
    const elsewhere = validateInstanceTag(0x777, 'tag');
    expectIgnored(toAlice({ ...message, receiverTag: elsewhere }), DAKE_START, 'not-for-us');
    const ours = toAlice({ ...message, receiverTag: alice.own.profile.ownerTag });
    expect(ours.next.tag).toBe('waiting-auth-i');
  });

  it('otr:T-065 does not answer its own Identity message, even when it has forgotten it', () => {
    const step = receiveIdentity(DAKE_START, toReceived(identity), bob, env('x'));
    expectIgnored(step, DAKE_START, 'reflected');
  });

  it('otr:T-071 does not answer a profile without version 4', () => {
    const { message } = toReceived(identity);
    const profile = { ...message.profile, versions: '3' };
    const received = { message: { ...message, profile }, content: new Uint8Array(0) };
    expect(() => receiveIdentity(DAKE_START, received, alice, env('alice'))).toThrow(OtrError);
  });

  it('otr:T-056 ignores a changed Auth-I and then takes the right one', () => {
    for (const bit of [1, 57 * 8 * 3, 342 * 8 - 20]) {
      const forged = { ...authI, sigma: flipped(authI.sigma, bit) };
      expectIgnored(receiveAuthI(aliceAnswered.next, forged, alice), aliceAnswered.next, 'invalid');
    }
    expect(establishedBy(receiveAuthI(aliceAnswered.next, authI, alice)).role).toBe('responder');
  });

  it('otr:T-058 ignores an Auth-I that signs the transcript of the Auth-R', () => {
    if (bobStarted.next.tag !== 'waiting-auth-r') throw new RangeError('state');
    const side = toSide(bob.own, toPublics(bobStarted.next.ours));
    const theirs = validateOffer(authR, env('x'));
    const sides = toTranscript(side, toOfferSide(theirs), 'bob', bob);
    const ring = authIRing(bob.own.profile, theirs.profile, theirs.ecdhPublic);
    using scalar = expandSeed(bob.own.longTermKey.seed);
    const signer = { secret: scalar, public: bob.own.longTermKey.public };
    const right = signRing(signer, ring, authITranscript(sides), env('ring'));
    const wrong = signRing(signer, ring, authRTranscript(sides), env('ring'));
    const answer = (sigma: Uint8Array) =>
      receiveAuthI(aliceAnswered.next, { ...authI, sigma }, alice);
    expectIgnored(answer(wrong), aliceAnswered.next, 'invalid');
    expect(establishedBy(answer(right)).role).toBe('responder');
  });

  it('otr:T-221 ignores an Auth-I of an earlier run, one for another client and one from another', () => {
    const again = receiveIdentity(DAKE_START, toReceived(identity), alice, env('alice again'));
    expectIgnored(receiveAuthI(again.next, authI, alice), again.next, 'invalid');
    const tag = validateInstanceTag(0x777, 'tag');
    const { next } = aliceAnswered;
    expectIgnored(receiveAuthI(next, { ...authI, receiverTag: tag }, alice), next, 'not-for-us');
    expectIgnored(receiveAuthI(next, { ...authI, senderTag: tag }, alice), next, 'foreign-tag');
  });

  it('otr:T-066 answers a re-sent Identity message with the same Auth-R, another one with new keys', () => {
    const { message } = toReceived(identity);
    const receiverTag = alice.own.profile.ownerTag;
    const { next } = aliceAnswered;
    expectIgnored(toAlice(message, next), next, 'not-for-us');

    const resent = toAlice({ ...message, receiverTag }, next);
    expect(resent.next).toBe(next);
    expect(sentBy(resent)).toEqual(sentBy(aliceAnswered));

    const bobAgain = initiate(DAKE_START, receiverTag, bob, env('bob again'));
    const renewed = receiveIdentity(next, toReceived(sentBy(bobAgain)), alice, env('alice new'));
    expect(sentBy(renewed)).not.toEqual(sentBy(aliceAnswered));
    expect(renewed.effects).toContainEqual({ tag: 'retire', secrets: dakeSecrets(next) });
    expectIgnored(receiveAuthI(renewed.next, authI, alice), renewed.next, 'invalid');
  });

  it('otr:T-060 agrees on the context whichever tag is the larger', () => {
    const swapped = (context: DakeContext, tag: number): DakeContext => {
      const ownerTag = validateInstanceTag(tag, 'tag');
      const { longTermKey, profile } = context.own;
      const { forgingKey } = profile;
      const owner = { ownerTag, longTermKey, forgingKey };
      return {
        ...context,
        own: { longTermKey, profile: signClientProfile(owner, KNOWN_EXPIRATION_MS) },
      };
    };
    for (const [first, second] of [
      [0x100, 0xfffffff0],
      [0xfffffff0, 0x100],
      [0x7fffffff, 0x80000000],
    ] as const) {
      const [a, b] = [swapped(alice, first), swapped(bob, second)];
      const started = initiate(DAKE_START, 0, b, env('bob'));
      const answered = receiveIdentity(DAKE_START, toReceived(sentBy(started)), a, env('alice'));
      const reply = decodeAuthR(sentBy(answered));
      const confirmed = receiveAuthR(started.next, reply, b, env('bob 2'));
      const last = receiveAuthI(answered.next, decodeAuthI(sentBy(confirmed)), a);
      expect(reveal(establishedBy(last).ssid)).toBe(reveal(establishedBy(confirmed).ssid));
    }
  });
});

describe('two who both spoke first', () => {
  it('otr:T-064 lets the higher hash of the known DH keys keep its role and repeat itself', () => {
    // h(B) = 1a67… is lower than h(A) = 8e28…, so Alice, whose key is A, outranks Bob.
    const { bobStarts } = knownExchange();
    const keysOfA = labelledEnv('alice/x', 'alice/a', 'alice/ecdh0', 'alice/dh0');
    const aliceAsInitiator = initiate(DAKE_START, 0, alice, keysOfA);
    const received = toReceived(sentBy(bobStarts));
    const kept = receiveIdentity(aliceAsInitiator.next, received, alice, env('y'));
    expect(kept.next.tag).toBe('waiting-auth-r');
    expect(toReceived(sentBy(kept)).message.receiverTag).toBe(bob.own.profile.ownerTag);
    expect(sentBy(kept).slice(11)).toEqual(sentBy(aliceAsInitiator).slice(11));

    const hers = toReceived(sentBy(aliceAsInitiator));
    const yielded = receiveIdentity(bobStarts.next, hers, bob, env('z'));
    expect(yielded.next.tag).toBe('waiting-auth-i');
    expect(yielded.effects).toContainEqual({
      tag: 'retire',
      secrets: dakeSecrets(bobStarts.next),
    });
    const again = receiveIdentity(yielded.next, toReceived(sentBy(kept)), bob, env('z'));
    expect(sentBy(again)).toEqual(sentBy(yielded));
    const done = receiveAuthR(kept.next, decodeAuthR(sentBy(again)), alice, env('w'));
    const last = receiveAuthI(yielded.next, decodeAuthI(sentBy(done)), bob);
    expect(reveal(establishedBy(last).mixed)).toBe(reveal(establishedBy(done).mixed));
  });

  it('otr:T-064 compares the hashes from their first different byte on, and yields to an equal one', () => {
    const { next: waiting } = bobStarted;
    if (waiting.tag !== 'waiting-auth-r') throw new RangeError('state');
    const hers = toReceived(sentBy(initiate(DAKE_START, 0, alice, env('alice first'))));
    const theirs = hers.message.dhPublic;
    const outcomeWith = (dhPublic: bigint) => {
      const { ours } = waiting;
      const dh = { ...ours.dh, public: dhPublic as typeof ours.dh.public };
      return receiveIdentity({ ...waiting, ours: { ...ours, dh } }, hers, bob, env('z')).next.tag;
    };
    const hashed = (key: bigint) => shake(encodeMpi(key), 32);
    const wanted = hashed(theirs);
    const alike = Array.from({ length: 4000 }, (_, n) => BigInt(n + 2)).filter(
      (key) => hashed(key)[0] === wanted[0],
    );
    const higher = alike.find((key) => (hashed(key)[1] ?? 0) > (wanted[1] ?? 0));
    const lower = alike.find((key) => (hashed(key)[1] ?? 0) < (wanted[1] ?? 0));
    expect(outcomeWith(higher ?? 0n)).toBe('waiting-auth-r');
    expect(outcomeWith(lower ?? 0n)).toBe('waiting-auth-i');
    expect(outcomeWith(theirs)).toBe('waiting-auth-i');
  });

  it('otr:T-065 ignores its own Identity message when it comes back', () => {
    const state = bobStarted.next;
    const step = receiveIdentity(state, toReceived(identity), bob, env('x'));
    expectIgnored(step, state, 'reflected');
    const { message } = toReceived(identity);
    const masked = encodeIdentity({ ...message, senderTag: alice.own.profile.ownerTag });
    expectIgnored(receiveIdentity(state, toReceived(masked), bob, env('x')), state, 'reflected');
  });
});

describe('secrets of the key exchange', () => {
  it('otr:T-073 are none of x, y, a, b or K once it is over, and all of them are retired', () => {
    const { next } = bobStarted;
    const before = dakeSecrets(next);
    expect(before).toHaveLength(4);
    const retired = bobConfirmed.effects.flatMap((effect) =>
      effect.tag === 'retire' ? effect.secrets : [],
    );
    expect(retired).toEqual(before);
    expect(before.every((secret) => !secret.wiped)).toBe(true);
    expect(dakeSecrets(bobConfirmed.next)).toEqual([]);
  });

  it('otr:T-067 makes nothing of messages that nobody waits for', () => {
    for (const state of [DAKE_START, aliceAnswered.next]) {
      expectIgnored(receiveAuthR(state, authR, bob, env('x')), state, 'unexpected');
    }
    for (const state of [DAKE_START, bobStarted.next]) {
      expectIgnored(
        receiveAuthI(state, decodeAuthI(encodeAuthI(authI)), alice),
        state,
        'unexpected',
      );
    }
    expect(encodeAuthR(authR)).toEqual(sentBy(aliceAnswered));
  });
});
