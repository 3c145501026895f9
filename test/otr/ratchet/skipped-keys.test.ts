// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import type { EcdhPublic } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { deriveMacKey } from '#otr/ratchet/chain.ts';
import {
  evictSkipped,
  expireSkipped,
  findSkipped,
  toMacKeys,
  toSecrets,
} from '#otr/ratchet/skipped-keys.ts';
import type { SkippedKey } from '#otr/ratchet/skipped-keys.ts';

import { reveal } from '../../support/reveal.ts';

function skipped(chain: number, messageId: number, storedAt = 0): SkippedKey {
  return {
    ecdh: new Uint8Array(57).fill(chain) as EcdhPublic,
    messageId,
    messageKey: Secret.own(new Uint8Array(64).fill(16 * chain + messageId), 64),
    extraKey: Secret.own(new Uint8Array(64).fill(8 + 16 * chain + messageId), 64),
    storedAt,
  };
}

/** Two messages of chain 1, one of chain 2, two of chain 3. */
const keys = [skipped(1, 0), skipped(1, 1), skipped(2, 0), skipped(3, 0), skipped(3, 4)];
const names = (list: readonly SkippedKey[]) => list.map((key) => keys.indexOf(key));

describe('keys of messages that have not arrived', () => {
  it('otr:T-120 are found by ratchet key and message id together', () => {
    const find = (chain: number, messageId: number) =>
      findSkipped(keys, new Uint8Array(57).fill(chain), messageId);
    expect(find(1, 1)).toBe(keys[1]);
    expect(find(3, 0)).toBe(keys[3]);
    expect(find(2, 1)).toBeUndefined();
    expect(find(4, 0)).toBeUndefined();
    expect(findSkipped([], new Uint8Array(57).fill(1), 0)).toBeUndefined();
  });

  it('otr:T-125 give way chain by chain, then one by one, the oldest first', () => {
    const kept = (skippedChains: number, skippedKeys: number) => {
      const split = evictSkipped(keys, { skippedChains, skippedKeys });
      expect([...split.evicted, ...split.kept]).toEqual(keys);
      return names(split.kept);
    };
    expect(kept(3, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(kept(9, 9)).toEqual([0, 1, 2, 3, 4]);
    expect(kept(2, 5)).toEqual([2, 3, 4]);
    expect(kept(1, 5)).toEqual([3, 4]);
    expect(kept(3, 4)).toEqual([1, 2, 3, 4]);
    expect(kept(2, 1)).toEqual([4]);
    expect(kept(2, 4)).toEqual([2, 3, 4]);
    expect(evictSkipped([], { skippedChains: 1, skippedKeys: 1 })).toEqual({
      kept: [],
      evicted: [],
    });
  });

  it('otr:T-125 go once their time has come, and not before', () => {
    const aged = [skipped(1, 0, 10), skipped(1, 1, 20), skipped(1, 2, 30)];
    const keptAt = (deadline: number) => {
      const { kept, evicted } = expireSkipped(aged, deadline);
      expect([...evicted, ...kept]).toEqual(aged);
      return kept.map(({ storedAt }) => storedAt);
    };
    expect([9, 10, 19, 20, 29, 30, 31].map(keptAt)).toEqual([
      [10, 20, 30],
      [20, 30],
      [20, 30],
      [30],
      [30],
      [],
      [],
    ]);
  });

  it('otr:T-125 leave their MAC keys to be revealed, and everything to be wiped', () => {
    expect(toMacKeys(keys).map(reveal)).toEqual(
      keys.map(({ messageKey }) => reveal(deriveMacKey(messageKey))),
    );
    expect(toSecrets(keys.slice(0, 2))).toEqual([
      keys[0]?.messageKey,
      keys[0]?.extraKey,
      keys[1]?.messageKey,
      keys[1]?.extraKey,
    ]);
  });
});
