// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Ring Signature Authentication": sums of products that are public anyway.

import { ed448 } from '@noble/curves/ed448.js';

const { Point } = ed448;
type Point = typeof Point.BASE;

/** A summand: point * by. Both are public. */
export interface PublicTerm {
  readonly point: Point;
  /** 0 <= by < q */
  readonly by: bigint;
}

/** A summand as the walk takes it. */
interface Row {
  /** point * 1, 3, 5, ... */
  readonly odd: readonly Point[];
  /** by = sum of digits[k] * 2^k; each digit is 0 or odd. */
  readonly digits: readonly number[];
}

/** Bits a digit spans, its sign included: eight multiples are made for each foreign point. */
const WIDTH = 5;
/** The base point's 64 multiples are made once. */
const BASE_WIDTH = 8;

/**
 * The sum of point * by over all terms, interleaved (Straus): all terms share one chain of
 * doublings. VARIABLE TIME: which additions happen, and which table entries are read, tells the
 * scalars. For values that are public anyway, as everything a verifier has is; never for secrets.
 *
 * @throws {RangeError} when a scalar is not reduced
 * @returns the identity for no terms
 */
export function sumPublicProducts(terms: readonly PublicTerm[]): Point {
  const rows = terms.map(toRow);
  let sum = Point.ZERO;
  for (let bit = Math.max(0, ...rows.map((row) => row.digits.length)) - 1; bit >= 0; bit -= 1) {
    sum = rows.reduce((rest, row) => addDigit(rest, row, bit), sum.double());
  }
  return sum;
}

function toRow({ point, by }: PublicTerm): Row {
  if (!Point.Fn.isValid(by)) throw new RangeError('scalar is not reduced');
  return point === Point.BASE
    ? { odd: baseMultiples(), digits: toDigits(by, BASE_WIDTH) }
    : { odd: oddMultiples(point, WIDTH), digits: toDigits(by, WIDTH) };
}

function addDigit(sum: Point, { odd, digits }: Row, bit: number): Point {
  const digit = digits[bit] ?? 0;
  const multiple = odd[(Math.abs(digit) - 1) / 2];
  if (digit === 0 || multiple === undefined) return sum;
  return sum.add(digit < 0 ? multiple.negate() : multiple);
}

/** point * 1, 3, 5, ... up to the largest digit. */
function oddMultiples(point: Point, width: number): readonly Point[] {
  const twice = point.double();
  const multiples: Point[] = [];
  for (let k = 0, next = point; k < 1 << (width - 2); k += 1, next = next.add(twice)) {
    multiples.push(next);
  }
  return multiples;
}

/** Made on first use, 0.3 ms. */
const baseMultiples = ((): (() => readonly Point[]) => {
  let made: readonly Point[] | undefined;
  return () => (made ??= oddMultiples(Point.BASE, BASE_WIDTH));
})();

/**
 * The width-w non-adjacent form, lowest digit first: of any w digits in a row at most one is not 0,
 * and that one is odd and between -2^(w-1) and 2^(w-1).
 */
function toDigits(scalar: bigint, width: number): readonly number[] {
  const digits: number[] = [];
  for (let rest = scalar; rest !== 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0 : Number(BigInt.asIntN(width, rest));
    digits.push(digit);
    rest -= BigInt(digit);
  }
  return digits;
}
