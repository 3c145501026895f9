// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Verifying that a point is on the curve": whether a point has prime order.

import { ed448 } from '@noble/curves/ed448.js';

import { jacobi } from './jacobi.ts';

const { Point } = ed448;
type Point = typeof Point.BASE;
const { Fp } = Point;

/** p = 3 mod 4, so a square to the power of (p + 1)/4 is a root of it: the one that is a square. */
const ROOT_POWER = (Fp.ORDER + 1n) / 4n;

/**
 * Whether q * point is the identity, without that multiplication. Ed448 has 4 q points, and those of
 * order dividing 4 are the multiples of (1, 0); so the points of order q are those that are four
 * times another one. With c * c = 1 - x * x, c itself a square,
 *
 *     point = 2 * R for some R    if and only if  c exists
 *     point = 4 * R for some R    if and only if  (1 + y) * (c + y) is a square, too
 *
 * docs/adr/0013-subgroup-check-by-halving.md has the proof. Variable time: for public points.
 *
 * @param point on the curve; the identity counts as one of the subgroup
 * @see OTRv4 "Verifying that a point is on the curve"
 */
export function isInPrimeSubgroup(point: Point): boolean {
  const { x, y } = point.toAffine();
  const square = Fp.sub(Fp.ONE, Fp.sqr(x));
  const c = Fp.pow(square, ROOT_POWER);
  if (!Fp.eql(Fp.sqr(c), square)) return false;
  return jacobi(Fp.mul(Fp.add(Fp.ONE, y), Fp.add(c, y)), Fp.ORDER) === 1;
}
