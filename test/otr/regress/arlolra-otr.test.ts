// SPDX-License-Identifier: GPL-3.0-or-later
// arlolra/otr: revealed the MAC keys of what it *sent* (0.2.12), let a whitespace tag start a key
// exchange in any case (0.2.5), broke on instance tags above 2^31 (0.2.1), drew too few random bits
// (0.2.1, 0.2.2), and reported the end of a session twice.
import { describe, expect, it } from 'vitest';

import { parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { formatFragment, parseFragment } from '#otr/codec/fragment.ts';
import { peekHeader, writeHeader } from '#otr/codec/header.ts';
import { createInstanceTag, validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { randomScalar } from '#otr/crypto/ed448.ts';
import { findRevealedMacKey } from '#otr/forging/data-message.ts';

import { seededEnv } from '../../support/seeded-env.ts';
import { TwoParties } from '../../support/two-parties.ts';

const WHITESPACE_TAG = ' \t  \t\t\t\t \t \t \t    \t\t \t  ';

describe('arlolra/otr', () => {
  it('sec:T-O-MAC-2 reveals keys of what was received, never of what was sent', () => {
    const parties = TwoParties.established({ seed: 'whose' });
    const { alice, bob } = parties;
    const sent: Uint8Array[] = [];
    const received: Uint8Array[] = [];
    for (const text of ['one', 'two', 'three']) {
      bob.send(text);
      received.push(...bob.outbox.map(parseArmor));
      parties.settle();
      alice.send(text);
      alice.send(`${text}, again`);
      sent.push(...alice.outbox.map(parseArmor));
      parties.settle();
    }
    alice.do({ tag: 'end' });
    const last = alice.outbox.map(parseArmor);
    const revealing = [...sent, ...last];
    for (const own of sent) {
      for (const later of revealing) expect(findRevealedMacKey(own, later)).toBeUndefined();
    }
    for (const other of received) {
      expect(revealing.some((later) => findRevealedMacKey(other, later) !== undefined)).toBe(true);
    }
    const count = revealing.map((bytes) => decodeDataMessage(bytes).message.revealedMacKeys.length);
    expect(count.reduce((sum, length) => sum + length)).toBe(received.length * 64);
  });

  it('starts nothing because of a whitespace tag, unless the policy says so', () => {
    const { alice } = new TwoParties();
    alice.receive(`hello${WHITESPACE_TAG}`);
    expect(alice.outbox).toEqual([]);
    expect(alice.heard('offer')).toHaveLength(1);
  });

  it('keeps instance tags of 2^31 and above as they are', () => {
    for (const value of [0x7fffffff, 0x80000000, 0x80000001, 0xdeadbeef, 0xffffffff]) {
      const tag = validateInstanceTag(value, 'tag');
      const header = { type: 0x03, senderTag: tag, receiverTag: tag };
      expect(peekHeader(writeHeader(header).finish())).toEqual(header);
      const fragment = { identifier: value, ...header, index: 1, total: 1, piece: 'A' };
      const { identifier, senderTag, receiverTag } = parseFragment(formatFragment(fragment));
      expect([identifier, senderTag, receiverTag]).toEqual([value, value, value]);
      const bytes = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
      expect(createInstanceTag({ ...seededEnv('tag'), random: () => bytes })).toBe(value);
    }
  });

  it('draws scalars of full length: every bit of them is as often set as not', () => {
    const env = seededEnv('bits');
    const runs = 1500;
    const counts = new Uint32Array(446);
    for (let run = 0; run < runs; run += 1) {
      using scalar = randomScalar(env);
      scalar.lend((bytes) => {
        for (let bit = 0; bit < counts.length; bit += 1) {
          counts[bit] = (counts[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
        }
      });
    }
    // Six standard deviations of a fair coin: once in a billion.
    const most = 6 * Math.sqrt(runs / 4);
    const odd = [...counts].filter((count, bit) => bit > 1 && Math.abs(count - runs / 2) > most);
    expect(odd).toEqual([]);
  });

  it('ends once', () => {
    const parties = TwoParties.established({ seed: 'end' });
    const { alice, bob } = parties;
    alice.do({ tag: 'end' });
    const [last = ''] = alice.outbox;
    parties.settle();
    bob.receive(last);
    alice.do({ tag: 'end' });
    expect(alice.heard('ended')).toHaveLength(1);
    expect(bob.heard('ended')).toHaveLength(1);
    expect(alice.outbox).toEqual([]);
  });
});
