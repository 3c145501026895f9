// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { equalBytes, isAllZero } from '#otr/crypto/constant-time.ts';

const bytes = (...octets: readonly number[]) => Uint8Array.from(octets);

describe('comparing in constant time', () => {
  it('sec:T-C-CT-1 tells any difference, in any place, in either direction', () => {
    const left = bytes(1, 2, 3, 0x80);
    expect(equalBytes(left, left.slice())).toBe(true);
    expect(equalBytes(bytes(), bytes())).toBe(true);
    for (let at = 0; at < left.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const right = left.slice();
        right[at] = (right[at] ?? 0) ^ (1 << bit);
        expect(equalBytes(left, right)).toBe(false);
        expect(equalBytes(right, left)).toBe(false);
      }
    }
    expect(equalBytes(bytes(1, 1), bytes(2, 2))).toBe(false);
  });

  it('sec:T-C-CT-1 takes no array for equal to a longer one', () => {
    for (const [left, right] of [
      [bytes(), bytes(0)],
      [bytes(1), bytes(1, 0)],
      [bytes(1, 2), bytes(1, 2, 3)],
    ] as const) {
      expect(equalBytes(left, right)).toBe(false);
      expect(equalBytes(right, left)).toBe(false);
    }
  });

  it('knows an array of zeros', () => {
    expect(isAllZero(bytes())).toBe(true);
    expect(isAllZero(bytes(0, 0, 0))).toBe(true);
    for (const other of [bytes(1, 0), bytes(0, 0x80), bytes(0, 4, 0), bytes(1, 1)]) {
      expect(isAllZero(other)).toBe(false);
    }
  });
});
