// SPDX-License-Identifier: GPL-3.0-or-later
import { FpLegendre } from '@noble/curves/abstract/modular.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { ed448 } from '@noble/curves/ed448.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { jacobi } from '#otr/crypto/jacobi.ts';

describe('the Jacobi symbol', () => {
  it('tells squares from the rest for every value of small primes', () => {
    for (const prime of [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n]) {
      const values = Array.from({ length: Number(prime) }, (_, value) => BigInt(value));
      const squares = new Set(values.slice(1).map((value) => (value * value) % prime));
      for (const value of values) {
        const expected = value === 0n ? 0 : squares.has(value) ? 1 : -1;
        expect(jacobi(value, prime), `${String(value)} mod ${String(prime)}`).toBe(expected);
      }
    }
  });

  it('equals the power of Euler modulo the primes of Ed448 and Ed25519, 7 and 5 mod 8', () => {
    for (const { Fp } of [ed448.Point, ed25519.Point]) {
      const values = fc.oneof(
        fc.bigInt(0n, Fp.ORDER - 1n),
        fc.constantFrom(0n, 1n, 2n, Fp.ORDER - 1n, Fp.ORDER - 2n),
        fc.nat(250).map((bit) => 1n << BigInt(bit)),
      );
      fc.assert(
        fc.property(values, (value) => {
          expect(jacobi(value, Fp.ORDER)).toBe(FpLegendre(Fp, value));
        }),
        { numRuns: 200 },
      );
    }
  });
});
