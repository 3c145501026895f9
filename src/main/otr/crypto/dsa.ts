// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Create a Client Profile Signature": the transitional signature, by a DSA key of OTRv3.

import { invert, pow } from '@noble/curves/abstract/modular.js';

import { LIMITS } from '../limits.ts';
import { decodeBigEndian, reduceBigEndian } from './integer.ts';

/** Of OTRv3, as it arrived: numbers, of which nothing is known. */
export interface DsaPublicKey {
  readonly p: bigint;
  readonly q: bigint;
  readonly g: bigint;
  readonly y: bigint;
}

/** r | s, 20 bytes each. */
export const DSA_SIGNATURE_LENGTH = 40;
const HALF = DSA_SIGNATURE_LENGTH / 2;

/**
 * Verifies a signature as OTRv3 makes them: of the message itself, taken as a number, unhashed.
 *
 *     w = s^-1, u1 = m * w, u2 = r * w (mod q);  r = (g^u1 * y^u2 mod p) mod q
 *
 * Whoever knows one signed message can name another that is the same modulo q. So this shows at best
 * that the owner of the key once signed something, and trust must never rest on it alone.
 *
 * All of it is public, so time may vary. Numbers of unusual size are refused before any arithmetic.
 *
 * @param message   of any length, big-endian
 * @param signature 40 bytes
 */
export function verifyDsa(key: DsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== DSA_SIGNATURE_LENGTH || !isPlausible(key)) return false;
  const { p, q, g, y } = key;
  const r = decodeBigEndian(signature.subarray(0, HALF));
  const s = decodeBigEndian(signature.subarray(HALF));
  // What is computed below is less than q, and 0 has no inverse: neither can pass for r or s.
  if (r === 0n) return false;
  // Stryker disable next-line EqualityOperator: q has no inverse either
  if (s >= q) return false;
  const w = inverse(s, q);
  if (w === undefined) return false;
  const m = reduceBigEndian(message, q);
  const v = (pow(g, (m * w) % q, p) * pow(y, (r * w) % q, p)) % p;
  return v % q === r;
}

/** Sizes that a signature of 40 bytes fits, and numbers that could be of one group. */
function isPlausible({ p, q, g, y }: DsaPublicKey): boolean {
  const isOfSize =
    hasBits(q, LIMITS.dsaOrderBits, LIMITS.dsaOrderBits) &&
    hasBits(p, LIMITS.dsaModulusMinBits, LIMITS.dsaModulusMaxBits);
  // Stryker disable next-line EqualityOperator: y = p makes a product of 0, and no r is 0
  const isTooLarge = y >= p;
  return isOfSize && (p - 1n) % q === 0n && g > 1n && g < p && y > 1n && !isTooLarge;
}

function hasBits(value: bigint, from: number, to: number): boolean {
  return value >> BigInt(from - 1) > 0n && value >> BigInt(to) === 0n;
}

/** Undefined for 0, and where q is not the prime that it should be. */
function inverse(value: bigint, q: bigint): bigint | undefined {
  try {
    return invert(value, q);
  } catch {
    return undefined;
  }
}
