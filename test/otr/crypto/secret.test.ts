// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { gather, Secret } from '#otr/crypto/secret.ts';

const bytes = () => Uint8Array.of(1, 2, 3, 4);

describe('Secret', () => {
  it('owns its buffer and overwrites it when wiped', () => {
    const buffer = bytes();
    const secret = Secret.own(buffer, 4);
    secret.wipe();
    expect([...buffer]).toEqual([0, 0, 0, 0]);
    expect(secret.wiped).toBe(true);
  });

  it('cannot be used after it was wiped', () => {
    const secret = Secret.own(bytes(), 4);
    secret.wipe();
    expect(() => secret.lend((lent) => lent.length)).toThrow(RangeError);
    expect(() => secret.copy()).toThrow(RangeError);
    expect(() => {
      secret.wipe();
    }).not.toThrow();
  });

  it('dies with its block', () => {
    const buffer = bytes();
    {
      using secret = Secret.own(buffer, 4);
      expect(secret.wiped).toBe(false);
    }
    expect([...buffer]).toEqual([0, 0, 0, 0]);
  });

  it('copies into a buffer of its own', () => {
    const secret = Secret.own(bytes(), 4);
    const copy = secret.copy();
    secret.wipe();
    expect(copy.lend((lent) => [...lent])).toEqual([1, 2, 3, 4]);
  });

  it('is not reached by whoever slices what was lent and wipes it, even in a Buffer', () => {
    const secret = Secret.own(Buffer.from([1, 2, 3, 4]), 4);
    secret.lend((lent) => lent.slice()).fill(0);
    expect(secret.copy().lend((lent) => [...lent])).toEqual([1, 2, 3, 4]);
    const copy = secret.copy();
    copy.wipe();
    expect(secret.lend((lent) => [...lent])).toEqual([1, 2, 3, 4]);
  });

  it('insists on its length', () => {
    expect(() => Secret.own(bytes(), 5)).toThrow(RangeError);
  });

  it('is gathered with plain bytes in the order given', () => {
    const gathered = gather([Uint8Array.of(9), Secret.own(bytes(), 4), Uint8Array.of(8)]);
    expect([...gathered]).toEqual([9, 1, 2, 3, 4, 8]);
  });
});
