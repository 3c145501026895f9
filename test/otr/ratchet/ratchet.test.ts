// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeDataMessage, encodeDataMessage } from '#otr/codec/data-message.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import { deriveSecret, kdf, USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { receive } from '#otr/ratchet/receive.ts';
import { deriveRatchetKeys } from '#otr/ratchet/root-key.ts';
import { prepareSend } from '#otr/ratchet/send.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { fingerprintOf, ratchetPair, tampered } from '../../support/ratchet-pair.ts';
import type { End } from '../../support/ratchet-pair.ts';
import { reveal } from '../../support/reveal.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const headerOf = (bytes: Uint8Array) => decodeDataMessage(bytes).message;
const env = seededEnv('ratchet tests');

/** Lets both speak by turns, Bob first, and returns the messages. */
function pingPong(bob: End, alice: End, turns: number): readonly Uint8Array[] {
  return Array.from({ length: turns }, (_, turn) => {
    const [from, to] = turn % 2 === 0 ? [bob, alice] : [alice, bob];
    const bytes = from.say(`turn ${turn.toString()}`);
    expect(to.hear(bytes)).toBe(`turn ${turn.toString()}`);
    return bytes;
  });
}

describe('turns', () => {
  it('otr:T-101 count every rotation, and carry DH keys in every third ratchet', () => {
    const { alice, bob } = ratchetPair();
    const headers = pingPong(bob, alice, 12).map(headerOf);
    expect(headers.map(({ ratchetId }) => ratchetId)).toEqual([...Array(12).keys()]);
    const withDh = headers.filter(({ dhPublic }) => dhPublic !== undefined);
    expect(withDh.map(({ ratchetId }) => ratchetId)).toEqual([0, 3, 6, 9]);
    expect(headers.every(({ messageId }) => messageId === 0)).toBe(true);
  });

  it('otr:T-226 never use an ECDH or DH key twice', () => {
    const { alice, bob } = ratchetPair();
    const headers = pingPong(bob, alice, 12).map(headerOf);
    expect(new Set(headers.map(({ ecdhPublic }) => bytesToHex(ecdhPublic))).size).toBe(12);
    const dh = headers.flatMap(({ dhPublic }) => (dhPublic === undefined ? [] : [dhPublic]));
    expect(new Set(dh).size).toBe(4);
  });

  it('otr:T-101 derive the brace key onward between DH ratchets', () => {
    const { alice, bob } = ratchetPair();
    pingPong(bob, alice, 1);
    const before = alice.ratchet.braceKey.copy();
    alice.say('ratchet 1');
    const onward = deriveSecret(USAGE.braceKey, [before], 32);
    expect(reveal(alice.ratchet.braceKey)).toBe(reveal(onward));
  });

  it('otr:T-102 keep id and keys for all messages of one ratchet', () => {
    const { alice, bob } = ratchetPair();
    const sent = ['a', 'b', 'c'].map((text) => bob.say(text));
    expect(sent.map((bytes) => alice.hear(bytes))).toEqual(['a', 'b', 'c']);
    const headers = sent.map(headerOf);
    expect(headers.map(({ messageId }) => messageId)).toEqual([0, 1, 2]);
    expect(new Set(headers.map(({ ratchetId }) => ratchetId))).toEqual(new Set([0]));
    expect(new Set(headers.map(({ dhPublic }) => dhPublic)).size).toBe(1);
    expect(headers[2]?.dhPublic).toBeDefined();
    expect(headers[2]?.ecdhPublic).toEqual(headers[0]?.ecdhPublic);
  });

  it('otr:T-054 let the responder speak first with her first keys', () => {
    const { alice, bob } = ratchetPair();
    const first = alice.ratchet.ourEcdh.public;
    const bytes = alice.say('first');
    expect(headerOf(bytes)).toMatchObject({ ratchetId: 0, messageId: 0, ecdhPublic: first });
    expect(bob.hear(bytes)).toBe('first');
    expect(bob.ratchet.rotations).toBe(0);
  });

  it('otr:T-104 tell how long the chain before was', () => {
    const { alice, bob } = ratchetPair();
    const first = ['a', 'b', 'c'].map((text) => bob.say(text));
    for (const bytes of first) alice.hear(bytes);
    bob.hear(alice.say('reply'));
    expect(headerOf(bob.say('next')).previousChainLength).toBe(3);
  });

  it('otr:T-105 take chain keys from the previous root key', () => {
    const previous = Secret.own(new Uint8Array(64).fill(1), 64);
    const mixed = Secret.own(new Uint8Array(64).fill(2), 64);
    const { rootKey, chainKey } = deriveRatchetKeys(previous, mixed);
    expect(reveal(chainKey)).toBe(bytesToHex(kdf(USAGE.chainKey, [previous, mixed], 64)));
    expect(reveal(chainKey)).not.toBe(bytesToHex(kdf(USAGE.chainKey, [rootKey, mixed], 64)));
  });
});

describe('messages out of order', () => {
  it('otr:T-103 otr:T-120 are read when they come, and their keys are gone then', () => {
    const { alice, bob } = ratchetPair();
    const [a, b, c] = ['a', 'b', 'c'].map((text) => bob.say(text));
    if (a === undefined || b === undefined || c === undefined) throw new RangeError('sent');
    expect([alice.hear(c), alice.hear(a), alice.hear(b)]).toEqual(['c', 'a', 'b']);
    expect(alice.ratchet.skipped).toEqual([]);
    expect([a, b, c].map((bytes) => alice.hear(bytes))).toEqual(['(used)', '(used)', '(used)']);
  });

  it('otr:T-121 are read two ratchets later', () => {
    const { alice, bob } = ratchetPair();
    alice.hear(bob.say('seen'));
    const late = bob.say('late');
    bob.hear(alice.say('reply'));
    alice.hear(bob.say('turn'));
    bob.hear(alice.say('reply 2'));
    alice.hear(bob.say('turn 2'));
    expect(alice.hear(late)).toBe('late');
    expect(alice.hear(late)).toBe('(used)');
  });

  it('otr:T-123 keep their key when somebody forges one of them', () => {
    const { alice, bob } = ratchetPair();
    const missing = bob.say('missing');
    alice.hear(bob.say('seen'));
    const before = fingerprintOf(alice.ratchet);
    const ciphertext = headerOf(missing).ciphertext.map((octet) => octet ^ 1);
    expect(alice.hear(tampered(missing, { ciphertext: ciphertext as never }))).toBe(
      '(not-authentic)',
    );
    expect(fingerprintOf(alice.ratchet)).toBe(before);
    expect(alice.hear(missing)).toBe('missing');
  });

  it('otr:T-124 sec:T-O-RAT-1 may be as many as the limit and not one more', () => {
    const { alice, bob } = ratchetPair({ skipPerRatchet: 3 });
    const sent = ['0', '1', '2', '3', '4'].map((text) => bob.say(text));
    expect(alice.hear(sent[4] ?? new Uint8Array())).toBe('(too-many-skipped)');
    expect(alice.ratchet.skipped).toHaveLength(0);
    expect(alice.hear(sent[3] ?? new Uint8Array())).toBe('3');
    expect(alice.ratchet.skipped).toHaveLength(3);
    expect(alice.hear(sent[4] ?? new Uint8Array())).toBe('4');
  });

  it('otr:T-124 sec:T-O-RAT-1 are refused before any key is derived when their numbers are absurd', () => {
    const { alice, bob } = ratchetPair();
    alice.hear(bob.say('seen'));
    const before = fingerprintOf(alice.ratchet);
    const next = bob.say('next');
    for (const messageId of [1002, 2 ** 31 - 1, 2 ** 32 - 1]) {
      expect(alice.hear(tampered(next, { messageId }))).toBe('(too-many-skipped)');
    }
    bob.hear(alice.say('reply'));
    const turned = bob.say('turned');
    alice.say('still r1');
    const atTurn = fingerprintOf(alice.ratchet);
    for (const previousChainLength of [1002, 2 ** 32 - 1]) {
      expect(alice.hear(tampered(turned, { previousChainLength }))).toBe('(too-many-skipped)');
    }
    expect(fingerprintOf(alice.ratchet)).toBe(atTurn);
    expect(before).not.toBe(atTurn);
    expect(alice.hear(turned)).toBe('turned');
  });

  it('otr:T-124 sec:T-O-RAT-1 are refused for their number before their key is looked at', () => {
    const { alice, bob } = ratchetPair({ skipPerRatchet: 3 });
    const first = bob.say('first');
    const ecdhPublic = new Uint8Array(57);
    const outcome = (change: { messageId?: number; previousChainLength?: number }) =>
      alice.hear(tampered(first, { ecdhPublic, ...change }));
    expect(outcome({ messageId: 4 })).toBe('(too-many-skipped)');
    expect(outcome({ previousChainLength: 4 })).toBe('(too-many-skipped)');
    expect(outcome({ messageId: 3, previousChainLength: 3 })).toBe('(invalid)');
  });

  it('otr:T-125 leave at most as many keys as the limit; what is given up is revealed', () => {
    const { alice, bob } = ratchetPair({ skippedKeys: 2 });
    const sent = ['0', '1', '2', '3'].map((text) => bob.say(text));
    alice.hear(sent[3] ?? new Uint8Array());
    expect(alice.ratchet.skipped.map(({ messageId }) => messageId)).toEqual([1, 2]);
    expect(alice.hear(sent[0] ?? new Uint8Array())).toBe('(used)');
    const { revealedMacKeys } = headerOf(alice.say('reply'));
    expect(revealedMacKeys.length).toBe(2 * 64);
    const evicted = revealedMacKeys.slice(64);
    expect(authenticates(evicted, sent[0] ?? new Uint8Array())).toBe(true);
  });

  it('sec:T-O-RAT-1 leave keys of no more chains than the limit', () => {
    const { alice, bob } = ratchetPair({ skippedChains: 2 });
    const late: Uint8Array[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      late.push(bob.say(`late ${turn.toString()}`));
      alice.hear(bob.say('seen'));
      bob.hear(alice.say('reply'));
    }
    expect(alice.ratchet.skipped).toHaveLength(2);
    expect(late.map((bytes) => alice.hear(bytes))).toEqual([
      '(used)',
      '(used)',
      'late 2',
      'late 3',
    ]);
  });
});

describe('forgeries', () => {
  it('otr:T-109 leave no trace, even where they ask for a new ratchet', () => {
    const { alice, bob } = ratchetPair();
    pingPong(bob, alice, 4);
    bob.say('lost');
    const next = bob.say('next');
    const before = fingerprintOf(alice.ratchet);
    const held = alice.ratchet;
    expect(alice.hear(tampered(next, { authenticator: new Uint8Array(64) as never }))).toBe(
      '(not-authentic)',
    );
    expect(alice.hear(tampered(next, { messageId: 0 }))).toBe('(not-authentic)');
    expect(alice.hear(tampered(next, { previousChainLength: 900 }))).toBe('(not-authentic)');
    expect(alice.ratchet).toBe(held);
    expect(fingerprintOf(alice.ratchet)).toBe(before);
    expect(alice.hear(next)).toBe('next');
  });

  it('otr:T-109 leave no trace where they speak of a chain that never was', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    const held = alice.ratchet;
    expect(held.receiving).toBeUndefined();
    expect(alice.hear(tampered(first, { previousChainLength: 3 }))).toBe('(not-authentic)');
    expect(alice.ratchet).toBe(held);
    expect(alice.hear(first)).toBe('first');
  });

  it('otr:T-106 are refused when the ratchet id or the presence of a DH key is wrong', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    const dhPublic = generateDh(env).public;
    for (const change of [
      { ratchetId: 3 },
      { ratchetId: 1, dhPublic: undefined },
      { dhPublic: undefined },
      { ratchetId: 1 },
      { dhPublic: alice.ratchet.theirDh },
    ]) {
      expect(alice.hear(tampered(first, change))).toBe('(out-of-step)');
    }
    alice.hear(first);
    expect(alice.hear(tampered(bob.say('second'), { dhPublic }))).toBe('(out-of-step)');
    const reply = alice.say('reply');
    expect(bob.hear(tampered(reply, { dhPublic }))).toBe('(out-of-step)');
    expect(bob.hear(reply)).toBe('reply');
  });

  it('otr:T-106 are refused when they name another ratchet than that of their key', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    const { theirEcdh } = alice.ratchet;
    expect(alice.hear(tampered(first, { ecdhPublic: theirEcdh }))).toBe('(out-of-step)');
    alice.hear(first);
    const second = bob.say('second');
    expect(alice.hear(tampered(second, { ratchetId: 3 }))).toBe('(out-of-step)');
    expect(alice.hear(second)).toBe('second');
    const replies = [alice.say('one'), alice.say('two')];
    expect(replies.map((bytes) => bob.hear(bytes))).toEqual(['one', 'two']);
    const third = alice.say('three');
    expect(bob.hear(tampered(third, { ratchetId: 2 }))).toBe('(out-of-step)');
    expect(bob.hear(tampered(third, { ratchetId: 0, dhPublic: 4n }))).toBe('(used)');
    expect(bob.hear(third)).toBe('three');
  });

  it('otr:T-107 are refused when they bring a new key although it is our turn', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    alice.hear(first);
    expect(alice.ratchet.nextRotation).toBe('send');
    const ecdhPublic = generateEcdh(env).public;
    const change = { ecdhPublic, ratchetId: 1, dhPublic: undefined };
    expect(alice.hear(tampered(first, change))).toBe('(out-of-step)');
  });

  it('otr:T-108 sec:T-C-PT-1 are refused when they bring our own key or one that is no key', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    const identityPoint = Uint8Array.from({ length: 57 }, (_, at) => (at === 0 ? 1 : 0));
    const orderFour = new Uint8Array(57);
    const own = alice.ratchet.ourEcdh.public;
    expect(alice.hear(tampered(first, { ecdhPublic: own }))).toBe('(out-of-step)');
    expect(alice.hear(tampered(first, { ecdhPublic: identityPoint }))).toBe('(invalid)');
    expect(alice.hear(tampered(first, { ecdhPublic: orderFour }))).toBe('(invalid)');
    for (const dhPublic of [1n, 5n]) {
      expect(alice.hear(tampered(first, { dhPublic }))).toBe('(invalid)');
    }
    expect(alice.hear(first)).toBe('first');
  });

  it('sec:T-O-RAT-1 with any header at all, between honest messages, lose none of these', () => {
    const { alice, bob } = ratchetPair();
    pingPong(bob, alice, 3);
    const honest = bob.say('honest');
    const held = alice.ratchet;
    const number = fc.oneof(fc.nat(6), fc.constantFrom(1000, 1001, 2 ** 31 - 1, 2 ** 32 - 1));
    const ecdhPublic = fc.constantFrom(
      headerOf(honest).ecdhPublic,
      held.theirEcdh,
      held.ourEcdh.public,
      generateEcdh(env).public,
      new Uint8Array(57),
    );
    const dhPublic = fc.constantFrom(undefined, held.theirDh, generateDh(env).public, 1n);
    const header = fc.record({
      ratchetId: number,
      messageId: number,
      previousChainLength: number,
      ecdhPublic,
      dhPublic,
      ignoreUnreadable: fc.boolean(),
    });
    fc.assert(
      fc.property(header, (change) => {
        const forged = tampered(honest, { ...change, authenticator: new Uint8Array(64) as never });
        expect(alice.try(forged).tag).toBe('unopened');
        expect(alice.ratchet).toBe(held);
      }),
      { numRuns: 200 },
    );
    expect(alice.hear(honest)).toBe('honest');
  });

  it('sec:T-O-MAC-1 of a message whose MAC key was revealed are refused', () => {
    const { alice, bob } = ratchetPair();
    const first = bob.say('first');
    alice.hear(first);
    const { revealedMacKeys } = headerOf(alice.say('reply'));
    expect(authenticates(revealedMacKeys, first)).toBe(true);
    const ciphertext = headerOf(first).ciphertext.map((octet) => octet ^ 0xff);
    const forged = tampered(first, { ciphertext: ciphertext as never });
    const { authenticated, message } = decodeDataMessage(forged);
    const authenticator = kdf(USAGE.authenticator, [revealedMacKeys, authenticated], 64);
    const signed = encodeDataMessage(authenticated, authenticator, [message.revealedMacKeys]);
    expect(alice.hear(signed)).toBe('(used)');
  });
});

/** Whether a revealed key makes the authenticator of a message, as anyone could check. */
function authenticates(macKey: Uint8Array, bytes: Uint8Array): boolean {
  const { authenticated, message } = decodeDataMessage(bytes);
  return equalBytes(kdf(USAGE.authenticator, [macKey, authenticated], 64), message.authenticator);
}

describe('revealed MAC keys', () => {
  it('otr:T-110 otr:T-111 are those of all messages read since the last turn, in its first message', () => {
    const { alice, bob } = ratchetPair();
    const read = ['a', 'b', 'c'].map((text) => bob.say(text));
    for (const bytes of read) alice.hear(bytes);
    const first = headerOf(alice.say('reply'));
    const keys = [0, 1, 2].map((at) => first.revealedMacKeys.slice(at * 64, at * 64 + 64));
    expect(first.revealedMacKeys.length).toBe(3 * 64);
    for (const bytes of read) {
      expect(keys.filter((key) => authenticates(key, bytes))).toHaveLength(1);
    }
    expect(headerOf(alice.say('again')).revealedMacKeys.length).toBe(0);
  });

  it('otr:T-110 wait for the next turn when their message came after ours', () => {
    const { alice, bob } = ratchetPair();
    const [a, b] = [bob.say('a'), bob.say('b')];
    alice.hear(a);
    expect(headerOf(alice.say('reply')).revealedMacKeys.length).toBe(64);
    alice.hear(b);
    expect(headerOf(alice.say('reply 2')).revealedMacKeys.length).toBe(0);
    expect(alice.ratchet.macKeysToReveal).toHaveLength(1);
  });

  it('otr:T-110 otr:T-120 are also those of messages that came late', () => {
    const { alice, bob } = ratchetPair();
    const read = ['a', 'b'].map((text) => bob.say(text));
    for (const bytes of read.toReversed()) alice.hear(bytes);
    const { revealedMacKeys } = headerOf(alice.say('reply'));
    const keys = [0, 1].map((at) => revealedMacKeys.slice(at * 64, at * 64 + 64));
    for (const bytes of read) {
      expect(keys.filter((key) => authenticates(key, bytes))).toHaveLength(1);
    }
  });

  it('otr:T-176 are all there are in the last message of a session', () => {
    const { alice, bob } = ratchetPair();
    alice.hear(bob.say('a'));
    const late = bob.say('late');
    bob.say('lost');
    alice.say('reply');
    alice.hear(late);
    const last = headerOf(alice.say('', true));
    expect(last.revealedMacKeys.length).toBe(64);
    expect(authenticates(last.revealedMacKeys, late)).toBe(true);
    expect(alice.ratchet.macKeysToReveal).toEqual([]);
  });

  it('sec:T-O-MAC-1 are never keys of messages of our own', () => {
    const { alice, bob } = ratchetPair();
    const sent = pingPong(bob, alice, 6);
    const revealed = sent.flatMap((bytes) => {
      const { revealedMacKeys } = headerOf(bytes);
      return Array.from({ length: revealedMacKeys.length / 64 }, (_, at) => ({
        by: bytes,
        key: revealedMacKeys.slice(at * 64, at * 64 + 64),
      }));
    });
    expect(revealed).toHaveLength(5);
    for (const { by, key } of revealed) {
      const own = sent.filter((bytes) => headerOf(bytes).senderTag === headerOf(by).senderTag);
      expect(own.some((bytes) => authenticates(key, bytes))).toBe(false);
    }
  });

  it('never grow past what one message may carry', () => {
    const { alice, bob } = ratchetPair({ macKeysToReveal: 3 });
    for (let n = 0; n < 6; n += 1) alice.hear(bob.say(`message ${n.toString()}`));
    expect(alice.ratchet.macKeysToReveal).toHaveLength(3);
    expect(headerOf(alice.say('reply')).revealedMacKeys.length).toBe(3 * 64);
  });
});

describe('the extra symmetric key', () => {
  it('otr:T-113 is the same on both sides, also for a message that comes late', () => {
    const { alice, bob } = ratchetPair();
    const first = prepareSend(bob.ratchet, bob.env);
    const second = prepareSend(first.next, bob.env);
    const context = { authenticates: () => true, limits: RATCHET_LIMITS, now: 0 };
    const early = receive(alice.ratchet, second.header, context);
    if (early.tag !== 'authentic') throw new RangeError(early.why);
    const late = receive(early.next, first.header, context);
    if (late.tag !== 'authentic') throw new RangeError(late.why);
    using ofSecond = early.extraKey();
    using ofFirst = late.extraKey();
    expect(reveal(ofSecond)).toBe(reveal(second.extraKey()));
    expect(reveal(ofFirst)).toBe(reveal(first.extraKey()));
    expect(reveal(ofFirst)).not.toBe(reveal(ofSecond));
    const [skipped] = early.next.skipped;
    expect(late.retired).toContain(skipped?.extraKey);
    expect(late.retired).not.toContain(ofFirst);
  });
});

describe('sizes', () => {
  it('spends one MPI on a DH key and nothing on its absence', () => {
    const { alice, bob } = ratchetPair();
    const withKey = bob.say('hello');
    alice.hear(withKey);
    const dh = headerOf(withKey).dhPublic ?? 0n;
    expect(withKey.length).toBe(157 + 5 + encodeMpi(dh).length - 4);
    expect(alice.say('reply').length).toBe(157 + 5 + 64);
  });
});
