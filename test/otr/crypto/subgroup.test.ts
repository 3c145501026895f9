// SPDX-License-Identifier: GPL-3.0-or-later
import { ed448 } from '@noble/curves/ed448.js';
import { numberToBytesLE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isInPrimeSubgroup } from '#otr/crypto/subgroup.ts';

const { Point } = ed448;
type Point = typeof Point.BASE;
const { Fp } = Point;
const q = Point.Fn.ORDER;

const QUARTER = Point.fromAffine({ x: 1n, y: 0n });
const TORSION = [Point.ZERO, QUARTER, QUARTER.double(), QUARTER.negate()];
const SIGN = 0x80;

/** As the specification writes it: q * point is the identity. */
function isLiterallyIn(point: Point): boolean {
  return point
    .multiplyUnsafe(q - 1n)
    .add(point)
    .is0();
}

/** Any point of the curve, of any order: about every second y has two. */
const anyPoint = fc
  .tuple(fc.bigInt(2n, Fp.ORDER - 2n), fc.constantFrom(0, SIGN))
  .map(([y, sign]) => {
    const bytes = numberToBytesLE(y, 57);
    bytes[56] = sign;
    return decode(bytes);
  })
  .filter((point) => point !== undefined);

function decode(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

describe('the subgroup of order q', () => {
  it('rests on these facts: p = 3 mod 4, d is no square, (1, 0) has order 4', () => {
    expect(Fp.ORDER % 4n).toBe(3n);
    expect(Fp.eql(Fp.pow(Point.CURVE().d, (Fp.ORDER - 1n) / 2n), Fp.neg(Fp.ONE))).toBe(true);
    expect(QUARTER.double().is0()).toBe(false);
    expect(QUARTER.double().double().is0()).toBe(true);
  });

  it('otr:T-007 has what q brings to the identity, of 2000 points: P, P + T, P + 2T, P + 3T', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, q - 1n), (n) => {
        const point = Point.BASE.multiply(n);
        const translates = TORSION.map((part) => point.add(part));
        expect(translates.map(isLiterallyIn)).toEqual([true, false, false, false]);
        expect(translates.map(isInPrimeSubgroup)).toEqual([true, false, false, false]);
      }),
      { numRuns: 500 },
    );
  });

  it('has what q brings to the identity, of 500 points of any order', () => {
    const found = new Set<boolean>();
    fc.assert(
      fc.property(anyPoint, (point) => {
        found.add(isLiterallyIn(point));
        expect(isInPrimeSubgroup(point)).toBe(isLiterallyIn(point));
      }),
      { numRuns: 500 },
    );
    expect(found.size).toBe(2);
  });

  it('has each of the first multiples of the base point, and none of their translates', () => {
    let point = Point.BASE;
    for (let n = 1; n <= 64; n += 1) {
      const translates = TORSION.map((part) => point.add(part));
      expect(translates.map(isInPrimeSubgroup), String(n)).toEqual([true, false, false, false]);
      point = point.add(Point.BASE);
    }
  });

  it('otr:T-005 otr:T-006 does not have the points of order 2 and 4', () => {
    expect(TORSION.slice(1).map(isInPrimeSubgroup)).toEqual([false, false, false]);
  });

  it('has the identity, as noble says too: whoever takes keys refuses it as such', () => {
    expect(isLiterallyIn(Point.ZERO)).toBe(true);
    expect(isInPrimeSubgroup(Point.ZERO)).toBe(Point.ZERO.isTorsionFree());
  });

  it('does not care for the coordinates a point is kept in', () => {
    const doubled = Point.BASE.double();
    expect(doubled.Z).not.toBe(1n);
    expect(isInPrimeSubgroup(doubled)).toBe(true);
    expect(isInPrimeSubgroup(doubled.add(QUARTER))).toBe(false);
  });
});
