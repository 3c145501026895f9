// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToNumberLE, numberToBytesBE, numberToBytesLE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  decodeBigEndian,
  decodeLittleEndian,
  encodeBigEndian,
  encodeLittleEndian,
  encodeUnsigned,
  reduceBigEndian,
} from '#otr/crypto/integer.ts';

describe('integers and bytes', () => {
  it('are what noble makes of them, for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        const value = decodeLittleEndian(bytes);
        expect(value).toBe(bytesToNumberLE(bytes));
        expect(decodeBigEndian(bytes.toReversed())).toBe(value);
        expect(encodeLittleEndian(value, bytes.length)).toEqual(
          numberToBytesLE(value, bytes.length),
        );
        expect(encodeBigEndian(value, bytes.length)).toEqual(numberToBytesBE(value, bytes.length));
      }),
    );
  });

  it('are reduced piece by piece to what they would be as a whole', () => {
    const inputs = fc.tuple(fc.uint8Array({ maxLength: 1200 }), fc.bigInt(1n, 1n << 200n));
    fc.assert(
      fc.property(inputs, ([bytes, modulus]) => {
        expect(reduceBigEndian(bytes, modulus)).toBe(decodeBigEndian(bytes) % modulus);
      }),
    );
  });

  it('otr:T-012 have one shortest spelling, which is empty for 0', () => {
    expect(encodeUnsigned(0n)).toEqual(new Uint8Array(0));
    expect(decodeBigEndian(new Uint8Array(0))).toBe(0n);
    fc.assert(
      fc.property(fc.bigInt(1n, 1n << 3100n), (value) => {
        const bytes = encodeUnsigned(value);
        expect(bytes[0]).not.toBe(0);
        expect(decodeBigEndian(bytes)).toBe(value);
      }),
    );
  });

  it('otr:T-015 drop whole words of zeros in front, too', () => {
    for (const bits of [1n, 8n, 63n, 64n, 65n, 128n, 3064n, 3071n]) {
      expect(encodeUnsigned(1n << bits)).toHaveLength(Number(bits / 8n) + 1);
    }
  });

  it('do not fit where there is no room, nor below 0', () => {
    expect(() => encodeBigEndian(256n, 1)).toThrow(RangeError);
    expect(() => encodeLittleEndian(1n << 64n, 8)).toThrow(RangeError);
    expect(() => encodeBigEndian(-1n, 8)).toThrow(RangeError);
  });

  it('leave the bytes they read as they were', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    decodeLittleEndian(bytes);
    expect([...bytes]).toEqual([1, 2, 3]);
  });
});
