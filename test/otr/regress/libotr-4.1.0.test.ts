// SPDX-License-Identifier: GPL-3.0-or-later
// libotr 4.1.0: more than 65,535 fragments came out wrong, and the first message of a conversation that
// had to be encrypted was lost.
import { describe, expect, it } from 'vitest';

import { FRAGMENT_OVERHEAD, splitMessage } from '#otr/codec/fragment.ts';

import { keeperOf } from '../../support/forgers.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { TwoParties } from '../../support/two-parties.ts';

describe('libotr 4.1.0', () => {
  it('splits into 65,535 pieces at most', () => {
    const { ownerTag } = keeperOf('bob').profile;
    const route = { senderTag: ownerTag, receiverTag: ownerTag };
    const one = FRAGMENT_OVERHEAD + 1;
    const split = (pieces: number) =>
      splitMessage('A'.repeat(pieces), route, one, seededEnv('pieces'));
    expect(split(0xffff).at(-1)).toMatch(/,65535,65535,A,$/);
    expect(() => split(0x10000)).toThrow(RangeError);
  });

  it('loses no message that had to wait, and sends none twice', () => {
    const parties = new TwoParties({ seed: 'first', policy: { requireEncryption: 'by-identity' } });
    const { alice, bob } = parties;
    bob.send('the first');
    bob.send('the second');
    expect(bob.outbox.join()).not.toContain('first');
    parties.settle();
    expect(alice.read()).toEqual(['the first', 'the second']);
  });
});
