// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Proofs": the arithmetic of one proof about many 3072-bit DH keys.

import { invert } from '@noble/curves/abstract/modular.js';

import type { Env } from '../env.ts';
import { fixedBasePower } from './comb.ts';
import { DH_LENGTH, DH_MODULUS } from './dh3072.ts';
import type { DH_SECRET_LENGTH, DhPublic } from './dh3072.ts';
import { decodeBigEndian } from './integer.ts';
import { Secret } from './secret.ts';

const p = DH_MODULUS;

/** 2 ^ exponent mod p, for exponents of any size below p. */
const powerOfTwo = fixedBasePower(2n, p, 8 * DH_LENGTH);

/** dh_q: the order of the subgroup, of 3071 bits. */
export const DH_ORDER = (p - 1n) >> 1n;

/** An exponent of any size below dh_q, big-endian. */
export type DhNonce = Secret<typeof DH_LENGTH>;

/**
 * A uniform exponent in [1, dh_q - 1]. The specification draws 80 bytes; then nothing wraps, and the
 * answer divided by the challenge tells the upper half of the secret (ADR 0023).
 */
export function randomDhNonce(env: Env): DhNonce {
  for (;;) {
    const drawn = env.random(DH_LENGTH);
    drawn[0] = (drawn[0] ?? 0) & 0x7f;
    const value = decodeBigEndian(drawn);
    if (value !== 0n && value < DH_ORDER) return Secret.own(drawn, DH_LENGTH);
    drawn.fill(0);
  }
}

/** 2 ^ nonce mod p. */
export function commitToDhNonce(nonce: DhNonce): bigint {
  return nonce.lend((bytes) => powerOfTwo(decodeBigEndian(bytes)));
}

/** A secret exponent of a batch proof, and the challenge for it. */
export interface ProvenExponent {
  readonly secret: Secret<typeof DH_SECRET_LENGTH>;
  readonly by: bigint;
}

/** nonce + the sum of secret * by, mod dh_q: the answer of a batch proof. Public; its parts are not. */
export function respondToAllDh(nonce: DhNonce, proven: readonly ProvenExponent[]): bigint {
  const sum = proven.reduce(
    (rest, { secret, by }) => rest + secret.lend((b) => decodeBigEndian(b) * by),
    nonce.lend(decodeBigEndian),
  );
  return sum % DH_ORDER;
}

/** A factor: base ^ by. Both are public. */
export interface PowerTerm {
  readonly base: DhPublic;
  readonly by: bigint;
}

/**
 * 2 ^ by * (the product of base ^ by over all terms) ^ -1, mod p. Variable time: what the verifier
 * of a proof computes, from values that are public anyway.
 */
export function divideByPublicPowers(by: bigint, terms: readonly PowerTerm[]): bigint {
  return (powerOfTwo(by) * invert(multiplyPublicPowers(terms), p)) % p;
}

/** One factor as the walk takes it. */
interface Row {
  /** base ^ 1, 3, 5, ... */
  readonly odd: readonly bigint[];
  /** by = sum of digits[k] * 2^k; each digit is 0 or odd. */
  readonly digits: readonly number[];
}

const WIDTH = 5;

/** Interleaved (Straus), as `public-sum.ts` does for points: all factors share one chain of squares. */
export function multiplyPublicPowers(terms: readonly PowerTerm[]): bigint {
  const rows = terms.map(toRow);
  let product = 1n;
  for (let bit = Math.max(0, ...rows.map((row) => row.digits.length)) - 1; bit >= 0; bit -= 1) {
    product = rows.reduce((rest, row) => multiplyDigit(rest, row, bit), (product * product) % p);
  }
  return product;
}

function toRow({ base, by }: PowerTerm): Row {
  const square = (base * base) % p;
  const odd: bigint[] = [base];
  while (odd.length < 1 << (WIDTH - 1)) odd.push(((odd.at(-1) ?? 1n) * square) % p);
  return { odd, digits: toDigits(by) };
}

function multiplyDigit(product: bigint, { odd, digits }: Row, bit: number): bigint {
  const factor = odd[((digits[bit] ?? 0) - 1) / 2];
  return factor === undefined ? product : (product * factor) % p;
}

/** Lowest digit first: of any five digits in a row at most one is not 0, and that one is odd. */
function toDigits(exponent: bigint): readonly number[] {
  const digits: number[] = [];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0 : Number(BigInt.asUintN(WIDTH, rest));
    digits.push(digit);
    rest -= BigInt(digit);
  }
  return digits;
}
