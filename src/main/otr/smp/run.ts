// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "SMP Message 1" to "SMP Message 4": making and checking each.

import { equalBytes } from '../crypto/constant-time.ts';
import { multiply, multiplyBase, randomScalar, subtract } from '../crypto/ed448.ts';
import type { EcdhPublic, SecretScalar } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import {
  decodeSmp1,
  decodeSmp2,
  decodeSmp3,
  decodeSmp4,
  encodeSmp1,
  encodeSmp2,
  encodeSmp3,
  encodeSmp4,
} from './messages.ts';
import type { Smp1 } from './messages.ts';
import {
  hideSecret,
  isCoordinatesProof,
  isExponentProof,
  isResultProof,
  PROOF,
  proveCoordinates,
  proveExponent,
  proveResult,
} from './proofs.ts';
import type { Coordinates, Generators } from './proofs.ts';

/** What the asker (Alice) keeps after SMP message 1. */
export interface AskerBegun {
  readonly x: SecretScalar;
  readonly a2: SecretScalar;
  readonly a3: SecretScalar;
}

/** What the answerer (Bob) keeps after SMP message 2. */
export interface AnswererHid {
  readonly g3a: EcdhPublic;
  readonly generators: Generators;
  readonly b3: SecretScalar;
  /** Pb, Qb */
  readonly hidden: Coordinates;
}

/** What the asker keeps after SMP message 3. */
export interface AskerHid {
  readonly g3b: EcdhPublic;
  /** Pa - Pb, Qa - Qb */
  readonly differences: Coordinates;
  readonly a3: SecretScalar;
}

/** The value of the next record to send, and what is kept until the peer's. */
interface Turn<Run> {
  readonly value: Uint8Array;
  readonly run: Run;
}

function insist(holds: boolean, proof: string): void {
  if (!holds) throw new OtrError('bad-proof', proof);
}

/**
 * Draws a2, a3, r2, r3 and makes SMP message 1. Takes ownership of `x`.
 * @see OTRv4 "SMP Message 1"
 */
export function beginSmp(
  x: SecretScalar,
  question: string | undefined,
  env: Env,
): Turn<AskerBegun> {
  const a2 = randomScalar(env);
  const a3 = randomScalar(env);
  using r2 = randomScalar(env);
  using r3 = randomScalar(env);
  const value = encodeSmp1({
    question,
    g2a: multiplyBase(a2),
    g2aProof: proveExponent(PROOF.g2a, a2, r2),
    g3a: multiplyBase(a3),
    g3aProof: proveExponent(PROOF.g3a, a3, r3),
  });
  return { value, run: { x, a2, a3 } };
}

/**
 * Checks SMP message 1, which our user may then answer.
 * @throws {OtrError} when it is malformed or its proofs do not hold
 * @see OTRv4 "Receiving a SMP Message 1"
 */
export function acceptSmp1(value: Uint8Array): Smp1 {
  const theirs = decodeSmp1(value);
  insist(isExponentProof(PROOF.g2a, theirs.g2a, theirs.g2aProof), 'smp1.g2a');
  insist(isExponentProof(PROOF.g3a, theirs.g3a, theirs.g3aProof), 'smp1.g3a');
  return theirs;
}

/**
 * Draws b2, b3, r2 ... r6 and makes SMP message 2. The caller keeps `y`.
 * @param theirs of {@link acceptSmp1}
 * @see OTRv4 "SMP Message 2"
 */
export function answerSmp1(theirs: Smp1, y: SecretScalar, env: Env): Turn<AnswererHid> {
  using b2 = randomScalar(env);
  const b3 = randomScalar(env);
  using r2 = randomScalar(env);
  using r3 = randomScalar(env);
  using r4 = randomScalar(env);
  using r5 = randomScalar(env);
  using r6 = randomScalar(env);
  const generators = { g2: multiply(theirs.g2a, b2), g3: multiply(theirs.g3a, b3) };
  const hidden = hideSecret(generators, y, r4);
  const value = encodeSmp2({
    g2b: multiplyBase(b2),
    g2bProof: proveExponent(PROOF.g2b, b2, r2),
    g3b: multiplyBase(b3),
    g3bProof: proveExponent(PROOF.g3b, b3, r3),
    coordinates: hidden,
    coordinatesProof: proveCoordinates(PROOF.pqb, generators, { secret: y, r4, r5, r6 }),
  });
  return { value, run: { g3a: theirs.g3a, generators, b3, hidden } };
}

/**
 * Checks SMP message 2, draws r4 ... r7 and makes SMP message 3.
 * @throws {OtrError} when it is malformed or its proofs do not hold
 * @see OTRv4 "SMP Message 3"
 */
export function answerSmp2(begun: AskerBegun, value: Uint8Array, env: Env): Turn<AskerHid> {
  const theirs = decodeSmp2(value);
  insist(isExponentProof(PROOF.g2b, theirs.g2b, theirs.g2bProof), 'smp2.g2b');
  insist(isExponentProof(PROOF.g3b, theirs.g3b, theirs.g3bProof), 'smp2.g3b');
  const { x, a2, a3 } = begun;
  const generators = { g2: multiply(theirs.g2b, a2), g3: multiply(theirs.g3b, a3) };
  const { coordinates: b } = theirs;
  insist(isCoordinatesProof(PROOF.pqb, generators, b, theirs.coordinatesProof), 'smp2.pq');

  using r4 = randomScalar(env);
  using r5 = randomScalar(env);
  using r6 = randomScalar(env);
  using r7 = randomScalar(env);
  const a = hideSecret(generators, x, r4);
  const differences = subtractCoordinates(a, b);
  const reply = encodeSmp3({
    coordinates: a,
    coordinatesProof: proveCoordinates(PROOF.pqa, generators, { secret: x, r4, r5, r6 }),
    ra: multiply(differences.q, a3),
    raProof: proveResult(PROOF.ra, differences.q, a3, r7),
  });
  return { value: reply, run: { g3b: theirs.g3b, differences, a3 } };
}

/**
 * Checks SMP message 3, draws r7, makes SMP message 4 and compares: Pa - Pb == Ra * b3.
 * @throws {OtrError} when it is malformed or its proofs do not hold
 * @see OTRv4 "Receiving a SMP Message 3"
 */
export function answerSmp3(
  { g3a, generators, b3, hidden }: AnswererHid,
  value: Uint8Array,
  env: Env,
): { readonly value: Uint8Array; readonly matched: boolean } {
  const { coordinates: a, coordinatesProof, ra, raProof } = decodeSmp3(value);
  insist(isCoordinatesProof(PROOF.pqa, generators, a, coordinatesProof), 'smp3.pq');
  const { p, q } = subtractCoordinates(a, hidden);
  insist(isResultProof(PROOF.ra, { difference: q, g3: g3a, r: ra }, raProof), 'smp3.ra');

  using r7 = randomScalar(env);
  const reply = encodeSmp4({
    rb: multiply(q, b3),
    rbProof: proveResult(PROOF.rb, q, b3, r7),
  });
  return { value: reply, matched: equalBytes(p, multiply(ra, b3)) };
}

/**
 * Checks SMP message 4 and compares: Pa - Pb == Rb * a3.
 * @throws {OtrError} when it is malformed or its proof does not hold
 * @see OTRv4 "Receiving a SMP Message 4"
 */
export function finishSmp({ g3b, differences, a3 }: AskerHid, value: Uint8Array): boolean {
  const { rb, rbProof } = decodeSmp4(value);
  const statement = { difference: differences.q, g3: g3b, r: rb };
  insist(isResultProof(PROOF.rb, statement, rbProof), 'smp4.rb');
  return equalBytes(differences.p, multiply(rb, a3));
}

/** @throws {OtrError} when Pa = Pb or Qa = Qb, which no honest run produces */
function subtractCoordinates(a: Coordinates, b: Coordinates): Coordinates {
  return { p: subtract(a.p, b.p, 'smp.p'), q: subtract(a.q, b.q, 'smp.q') };
}
