// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Verifying that an integer is in the DH group": the Jacobi symbol.

/**
 * The Jacobi symbol (value/modulus) by quadratic reciprocity: for a prime modulus 1 of a square, -1
 * of anything else, 0 of 0. Variable time: for public values.
 *
 * @param value   0 <= value < modulus
 * @param modulus odd
 */
export function jacobi(value: bigint, modulus: bigint): -1 | 0 | 1 {
  let top = value;
  let bottom = modulus;
  let sign: -1 | 1 = 1;
  while (top !== 0n) {
    const twos = trailingZeros(top);
    top >>= BigInt(twos);
    const eighth = Number(bottom & 7n);
    if (twos % 2 === 1 && (eighth === 3 || eighth === 5)) sign = sign === 1 ? -1 : 1;
    if ((top & 3n) === 3n && (bottom & 3n) === 3n) sign = sign === 1 ? -1 : 1;
    [top, bottom] = [bottom % top, top];
  }
  return bottom === 1n ? sign : 0;
}

/** Of a value that is not 0, a word at a time. */
function trailingZeros(value: bigint): number {
  let rest = value;
  let zeros = 0;
  for (;;) {
    const low = Number(BigInt.asUintN(32, rest));
    if (low !== 0) return zeros + (31 - Math.clz32(low & -low));
    rest >>= 32n;
    zeros += 32;
  }
}
