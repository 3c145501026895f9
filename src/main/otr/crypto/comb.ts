// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "3072-bit Diffie-Hellman Parameters": powers of one base, many of them.

const TEETH = 8;
/** Each tooth in two halves, with a comb of its own: half the squarings for twice the table. */
const BLOCKS = 2;

/** base ^ exponent mod `modulus`. */
export type FixedBasePower = (exponent: bigint) => bigint;

/**
 * Powers of a base that never changes, by two combs of eight teeth (Lim and Lee): a sixteenth of the
 * squarings, and two products for each. The combs are made on first use, which takes as long as two
 * powers without them.
 *
 * @param exponentBits of the largest exponent; a multiple of 16
 */
export function fixedBasePower(
  base: bigint,
  modulus: bigint,
  exponentBits: number,
): FixedBasePower {
  const toothBits = exponentBits / TEETH;
  const blockBits = toothBits / BLOCKS;
  let made: readonly (readonly bigint[])[] | undefined;
  return (exponent) => {
    const combs = (made ??= makeCombs(base, modulus, toothBits));
    let result = 1n;
    for (let bit = blockBits - 1; bit >= 0; bit -= 1) {
      result = (result * result) % modulus;
      for (const [block, comb] of combs.entries()) {
        const digit = columnOf(exponent, block * blockBits + bit, toothBits);
        result = (result * (comb[digit] ?? 1n)) % modulus;
      }
    }
    return result;
  };
}

/** One bit of each tooth. */
function columnOf(exponent: bigint, bit: number, toothBits: number): number {
  let digit = 0;
  for (let k = 0; k < TEETH; k += 1) {
    digit |= Number((exponent >> BigInt(k * toothBits + bit)) & 1n) << k;
  }
  return digit;
}

function makeCombs(base: bigint, modulus: bigint, toothBits: number): readonly bigint[][] {
  let first = base;
  return Array.from({ length: BLOCKS }, (_, block) => {
    for (let bit = 0; block > 0 && bit < toothBits / BLOCKS; bit += 1) {
      first = (first * first) % modulus;
    }
    return makeComb(first, modulus, toothBits);
  });
}

/** comb[d] = the product of base ^ (2 ^ (toothBits * k)) over the bits k of d. */
function makeComb(base: bigint, modulus: bigint, toothBits: number): bigint[] {
  const powers: bigint[] = [1n];
  let tooth = base;
  for (let k = 0; k < TEETH; k += 1) {
    powers.push(...powers.map((lower) => (lower * tooth) % modulus));
    for (let bit = 0; bit < toothBits; bit += 1) tooth = (tooth * tooth) % modulus;
  }
  return powers;
}
