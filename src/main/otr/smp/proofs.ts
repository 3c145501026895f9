// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "SMP Hash Function": the eight zero-knowledge proofs.

import type { EcdhPublic, Scalar, SecretScalar } from '../crypto/ed448.ts';
import {
  add,
  BASE_POINT,
  combine,
  hashToScalar,
  multiply,
  multiplyBase,
  respond,
} from '../crypto/ed448.ts';
import { equalBytes } from '../crypto/constant-time.ts';

/**
 * Each proof of a run has a number of its own, so that none can be played back in another's place.
 * The numbers collide with usages of the key derivation; the specification accepts that.
 * @see OTRv4 "SMP Hash Function"
 */
export const PROOF = {
  g2a: 1,
  g3a: 2,
  g2b: 3,
  g3b: 4,
  pqb: 5,
  pqa: 6,
  ra: 7,
  rb: 8,
} as const;

export type ProofId = (typeof PROOF)[keyof typeof PROOF];

/** Knowledge of the exponent of one point. */
export interface ExponentProof {
  readonly c: Scalar;
  readonly d: Scalar;
}

/**
 * Proves that we know `exponent` of G * exponent.
 *
 *     c = HashToScalar(id || G * nonce),  d = nonce - exponent * c
 */
export function proveExponent(
  id: ProofId,
  exponent: SecretScalar,
  nonce: SecretScalar,
): ExponentProof {
  const c = hashToScalar(id, [multiplyBase(nonce)]);
  return { c, d: respond(nonce, exponent, c) };
}

/** c == HashToScalar(id || G * d + point * c) */
export function isExponentProof(id: ProofId, point: EcdhPublic, proof: ExponentProof): boolean {
  const commitment = combine({ point: BASE_POINT, by: proof.d }, { point, by: proof.c });
  return equalBytes(proof.c, hashToScalar(id, [commitment]));
}

/** The generators both sides agreed on. */
export interface Generators {
  readonly g2: EcdhPublic;
  readonly g3: EcdhPublic;
}

/** A secret, hidden: P = G3 * r4, Q = G * r4 + G2 * secret. */
export interface Coordinates {
  readonly p: EcdhPublic;
  readonly q: EcdhPublic;
}

/** P and Q were made from one exponent and one secret. */
export interface CoordinatesProof {
  readonly cp: Scalar;
  readonly d5: Scalar;
  readonly d6: Scalar;
}

export function hideSecret(
  { g2, g3 }: Generators,
  secret: SecretScalar,
  r4: SecretScalar,
): Coordinates {
  return { p: multiply(g3, r4), q: add(multiplyBase(r4), multiply(g2, secret), 'smp.q') };
}

/** What {@link proveCoordinates} proves and hides it with. */
export interface CoordinatesWitness {
  readonly secret: SecretScalar;
  readonly r4: SecretScalar;
  readonly r5: SecretScalar;
  readonly r6: SecretScalar;
}

/**
 *     cp = HashToScalar(id || G3 * r5 || G * r5 + G2 * r6)
 *     d5 = r5 - r4 * cp,  d6 = r6 - secret * cp
 */
export function proveCoordinates(
  id: ProofId,
  generators: Generators,
  { secret, r4, r5, r6 }: CoordinatesWitness,
): CoordinatesProof {
  const commitment = hideSecret(generators, r6, r5);
  const cp = hashToScalar(id, [commitment.p, commitment.q]);
  return { cp, d5: respond(r5, r4, cp), d6: respond(r6, secret, cp) };
}

/** cp == HashToScalar(id || G3 * d5 + P * cp || G * d5 + G2 * d6 + Q * cp) */
export function isCoordinatesProof(
  id: ProofId,
  { g2, g3 }: Generators,
  { p, q }: Coordinates,
  { cp, d5, d6 }: CoordinatesProof,
): boolean {
  const left = combine({ point: g3, by: d5 }, { point: p, by: cp });
  const right = combine({ point: BASE_POINT, by: d5 }, { point: g2, by: d6 }, { point: q, by: cp });
  return equalBytes(cp, hashToScalar(id, [left, right]));
}

/** R = (Qa - Qb) * exponent, with the exponent of G3a or G3b. */
export interface ResultProof {
  readonly cr: Scalar;
  readonly d7: Scalar;
}

/**
 *     cr = HashToScalar(id || G * r7 || (Qa - Qb) * r7),  d7 = r7 - exponent * cr
 */
export function proveResult(
  id: ProofId,
  difference: EcdhPublic,
  exponent: SecretScalar,
  r7: SecretScalar,
): ResultProof {
  const cr = hashToScalar(id, [multiplyBase(r7), multiply(difference, r7)]);
  return { cr, d7: respond(r7, exponent, cr) };
}

/** What a result was made from: Qa - Qb, and the point whose exponent was used. */
export interface ResultStatement {
  readonly difference: EcdhPublic;
  readonly g3: EcdhPublic;
  readonly r: EcdhPublic;
}

/** cr == HashToScalar(id || G * d7 + G3x * cr || (Qa - Qb) * d7 + R * cr) */
export function isResultProof(
  id: ProofId,
  { difference, g3, r }: ResultStatement,
  { cr, d7 }: ResultProof,
): boolean {
  const left = combine({ point: BASE_POINT, by: d7 }, { point: g3, by: cr });
  const right = combine({ point: difference, by: d7 }, { point: r, by: cr });
  return equalBytes(cr, hashToScalar(id, [left, right]));
}
