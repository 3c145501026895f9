// SPDX-License-Identifier: GPL-3.0-or-later
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js';
import { ed448 } from '@noble/curves/ed448.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sumPublicProducts } from '#otr/crypto/public-sum.ts';
import type { PublicTerm } from '#otr/crypto/public-sum.ts';

const { Point } = ed448;
type Point = typeof Point.BASE;
const q = Point.Fn.ORDER;

/** 0, 1, small powers of two and their neighbours, q - 1, and anything between. */
const scalars = fc.oneof(
  fc.bigInt(0n, q - 1n),
  fc.constantFrom(0n, 1n, 2n, q - 1n, q - 2n, (q - 1n) / 2n),
  fc.nat(300).map(BigInt),
  fc.tuple(fc.nat(444), fc.constantFrom(-1n, 0n, 1n)).map(([bit, by]) => (1n << BigInt(bit)) + by),
);

const points = fc.oneof(
  fc.constantFrom(Point.BASE, Point.BASE.negate(), Point.ZERO),
  fc.bigInt(1n, q - 1n).map((n) => Point.BASE.multiply(n)),
);

/** Each product by itself, in noble's constant sequence, then added up. */
function literalSum(terms: readonly PublicTerm[]): Point {
  return terms
    .filter(({ by }) => by !== 0n)
    .map(({ point, by }) => (point.is0() ? point : point.multiply(by)))
    .reduce((sum, product) => sum.add(product), Point.ZERO);
}

function expectLiteral(terms: readonly PublicTerm[]): void {
  const sum = sumPublicProducts(terms);
  expect(sum.equals(literalSum(terms))).toBe(true);
  const [multiples, factors] = [terms.map(({ point }) => point), terms.map(({ by }) => by)];
  expect(sum.equals(mulAddUnsafe(Point, multiples, factors))).toBe(true);
}

describe('sums of public products', () => {
  it('equals the products added one by one, and noble in one go', () => {
    const terms = fc.array(fc.record({ point: points, by: scalars }), { maxLength: 3 });
    fc.assert(fc.property(terms, expectLiteral), { numRuns: 60 });
  });

  it('equals them for repeated and for negated points, whose sums meet the identity', () => {
    fc.assert(
      fc.property(points, scalars, scalars, (point, left, right) => {
        expectLiteral([
          { point, by: left },
          { point, by: right },
        ]);
        expectLiteral([
          { point, by: left },
          { point: point.negate(), by: right },
        ]);
        const cancelled = [
          { point, by: left },
          { point: point.negate(), by: left },
        ];
        expect(sumPublicProducts(cancelled).is0()).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('reads every digit of the base point and of another one', () => {
    const other = Point.BASE.multiply(q - 5n);
    for (const point of [Point.BASE, other]) {
      let multiple = Point.ZERO;
      for (let by = 0n; by < 260n; by += 1n) {
        expect(sumPublicProducts([{ point, by }]).equals(multiple)).toBe(true);
        multiple = multiple.add(point);
      }
    }
  });

  it('is the identity of nothing, and of nothing but zeros', () => {
    expect(sumPublicProducts([]).is0()).toBe(true);
    expect(sumPublicProducts([{ point: Point.BASE, by: 0n }]).is0()).toBe(true);
  });

  it('takes no scalar that is negative, or q and above', () => {
    for (const by of [-1n, q, q + 1n]) {
      expect(() => sumPublicProducts([{ point: Point.BASE, by }])).toThrow(RangeError);
    }
  });
});
