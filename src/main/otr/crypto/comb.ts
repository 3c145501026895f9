// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "3072-bit Diffie-Hellman Parameters": powers of one base, many of them.

const TEETH = 8;

/** base ^ exponent mod `modulus`. */
export type FixedBasePower = (exponent: bigint) => bigint;

/**
 * Powers of a base that never changes, by a comb of eight teeth: an eighth of the squarings, and one
 * product for each. The comb is made on first use, which takes as long as one power without it.
 *
 * @param exponentBits of the largest exponent; a multiple of 8
 */
export function fixedBasePower(
  base: bigint,
  modulus: bigint,
  exponentBits: number,
): FixedBasePower {
  const toothBits = exponentBits / TEETH;
  let made: readonly bigint[] | undefined;
  return (exponent) => {
    const comb = (made ??= makeComb(base, modulus, toothBits));
    let result = 1n;
    for (let bit = toothBits - 1; bit >= 0; bit -= 1) {
      let digit = 0;
      for (let k = 0; k < TEETH; k += 1) {
        digit |= Number((exponent >> BigInt(k * toothBits + bit)) & 1n) << k;
      }
      result = (((result * result) % modulus) * (comb[digit] ?? 1n)) % modulus;
    }
    return result;
  };
}

/** comb[d] = the product of base ^ (2 ^ (toothBits * k)) over the bits k of d. */
function makeComb(base: bigint, modulus: bigint, toothBits: number): readonly bigint[] {
  const powers: bigint[] = [1n];
  let tooth = base;
  for (let k = 0; k < TEETH; k += 1) {
    powers.push(...powers.map((lower) => (lower * tooth) % modulus));
    for (let bit = 0; bit < toothBits; bit += 1) tooth = (tooth * tooth) % modulus;
  }
  return powers;
}
