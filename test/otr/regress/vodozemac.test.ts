// SPDX-License-Identifier: GPL-3.0-or-later
// vodozemac before 0.10.0 went on with a shared secret to which the peer had contributed nothing;
// in #382 an id was given twice after an import, and the newest one-time key was lost.
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { validateDhElement } from '#otr/crypto/dh3072.ts';
import { validatePoint } from '#otr/crypto/ed448.ts';
import { createPrekeyMessage } from '#otr/profile/prekey-message.ts';

import { badPoints } from '../../support/bad-points.ts';
import { keeperOf } from '../../support/forgers.ts';
import { errorOf } from '../../support/otr-error.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { TwoParties } from '../../support/two-parties.ts';

describe('vodozemac', () => {
  it('sec:T-C-PT-1 sec:T-C-DH-1 takes no key that makes every secret the same', () => {
    for (const point of badPoints()) {
      expect(errorOf(() => validatePoint(point, 'y')).code).toBe('bad-point');
    }
    for (const value of [0n, 1n, -1n]) {
      expect(errorOf(() => validateDhElement(value, 'b')).code).toBe('bad-dh-element');
    }
  });

  it('sec:T-C-PT-1 answers no Identity message with such a key', () => {
    const { alice, bob } = new TwoParties({ seed: 'non-contributory' });
    bob.do({ tag: 'start' });
    const [identity = ''] = bob.takeOutbox();
    const message = decodeIdentity(parseArmor(identity));
    const [lowOrder = new Uint8Array(57)] = badPoints();
    for (const change of [
      { ecdhPublic: lowOrder },
      { firstEcdhPublic: lowOrder },
      { dhPublic: 1n },
    ]) {
      alice.receive(formatArmor(encodeIdentity({ ...message, ...change })));
      expect(alice.outbox).toEqual([]);
    }
    alice.receive(identity);
    expect(alice.outbox).toHaveLength(1);
  });

  it('#382: never gives a new prekey the id of one that is kept', () => {
    const { ownerTag } = keeperOf('bob').profile;
    const env = seededEnv('ids');
    const taken = new Set([0, 1, 2, 3]);
    let next = 0;
    // Chance that goes through the taken ids first, whichever end they were counted from.
    const counting = {
      ...env,
      random: (length: number) =>
        length === 4 ? Uint8Array.of(0, 0, 0, next++) : env.random(length),
    };
    const { pair } = createPrekeyMessage({ ownerTag, mode: 'standalone' }, counting, taken);
    expect(pair.id).toBe(4);
  });
});
