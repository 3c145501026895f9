// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { Secret } from '#otr/crypto/secret.ts';
import type { RatchetLimits } from '#otr/ratchet/ratchet.ts';

import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { ratchetPair, tampered } from '../../support/ratchet-pair.ts';
import type { End } from '../../support/ratchet-pair.ts';
import { secretsIn } from '../../support/two-parties.ts';

const made = watchMadeSecrets();

/** After a step each secret is held, retired or wiped, and nothing that is held is one of the others. */
function audited<T>(end: End, act: () => T): T {
  const before = [...secretsIn(end.ratchet)];
  const from = made.length;
  const result = act();
  const held = secretsIn(end.ratchet);
  const retired = new Set(end.retired);
  expect([...retired].filter((one) => !(one instanceof Secret) || one.wiped)).toEqual([]);
  expect([...held].filter((secret) => secret.wiped || retired.has(secret))).toEqual([]);
  expect(before.filter((secret) => secret.wiped)).toEqual([]);
  const known = [...before, ...made.slice(from)];
  expect(known.filter((one) => !one.wiped && !held.has(one) && !retired.has(one))).toEqual([]);
  return result;
}

const say = (end: End, text: string) => audited(end, () => end.say(text));
const hear = (end: End, bytes: Uint8Array | undefined) =>
  audited(end, () => end.hear(bytes ?? new Uint8Array(0)));

/** Bob says four things in each of his turns, of which Alice reads the last, then the second. */
function conversation(limits: Partial<RatchetLimits>) {
  const { alice, bob } = ratchetPair(limits);
  for (let turn = 0; turn < 4; turn += 1) {
    const sent = ['0', '1', '2', '3'].map((text) => say(bob, text));
    expect(hear(alice, sent[3])).toBe('3');
    expect(hear(alice, sent[1])).toBe('1');
    expect(hear(bob, say(alice, 'reply'))).toBe('reply');
  }
  return { alice, bob };
}

describe('the secrets of a ratchet', () => {
  it('are held, retired or wiped after every step, in turns with and without DH keys', () => {
    const { alice } = conversation({});
    expect(alice.ratchet.skipped).toHaveLength(8);
  });

  it('otr:T-125 are so where keys of missing messages and MAC keys are given up', () => {
    const { alice } = conversation({ skippedKeys: 3, macKeysToReveal: 2 });
    expect(alice.ratchet.skipped).toHaveLength(2);
  });

  it('otr:T-109 are wiped when they were made for a forgery', () => {
    const { alice, bob } = ratchetPair();
    const sent = ['0', '1', '2', '3'].map((text) => bob.say(text));
    const authenticator = new Uint8Array(64) as never;
    const forge = (at: number) => {
      const forged = tampered(sent[at] ?? new Uint8Array(0), { authenticator });
      const [from, retired] = [made.length, alice.retired];
      expect(hear(alice, forged)).toBe('(not-authentic)');
      expect(alice.retired).toBe(retired);
      expect(made.length).toBeGreaterThan(from);
      expect(made.slice(from).filter((secret) => !secret.wiped)).toEqual([]);
    };
    forge(2);
    expect(hear(alice, sent[1])).toBe('1');
    forge(0);
    forge(3);
    expect(sent.map((bytes) => hear(alice, bytes))).toEqual(['0', '(used)', '2', '3']);
  });

  it('otr:T-101 include our half of a DH ratchet until the peer has answered it', () => {
    const { alice, bob } = ratchetPair();
    const { public: first } = alice.ratchet.ourDh;
    expect(alice.ratchet.ourDh.secret).toBeDefined();
    expect(decodeDataMessage(bob.say('0')).message.dhPublic).toBeDefined();
    alice.hear(bob.say('with a DH key'));
    expect(alice.ratchet.ourDh).toEqual({ public: first, secret: undefined });
    bob.hear(alice.say('without'));
    const { ourDh } = bob.ratchet;
    expect(ourDh.secret).toBeDefined();
    alice.hear(bob.say('without'));
    bob.hear(alice.say('with another'));
    expect(bob.ratchet.ourDh).toEqual({ public: ourDh.public, secret: undefined });
    expect(alice.ratchet.ourDh.secret).toBeDefined();
  });
});
