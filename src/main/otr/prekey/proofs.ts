// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Proofs": whoever publishes keys shows that it has their secrets, all in one go.

import { encodeMpi } from '../codec/writer.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import {
  commitToDhNonce,
  divideByPublicPowers,
  randomDhNonce,
  respondToAllDh,
} from '../crypto/dh-batch.ts';
import type { DhKeyPair, DhPublic } from '../crypto/dh3072.ts';
import {
  combineDifference,
  multiplyBase,
  randomNonce,
  respondToAll,
  toScalar,
} from '../crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import { decodeBigEndian } from '../crypto/integer.ts';
import type { Env } from '../env.ts';
import { PREKEY_USAGE, prekeyKdf } from './kdf.ts';
import { PROOF_CHALLENGE_LENGTH } from './message/proof.ts';
import type { DhProof, EcdhProof } from './message/proof.ts';
import type { ProofContext } from './shared-secret.ts';

/** What a proof about points is of: both read the same, and neither passes for the other. */
export type EcdhProofUse =
  typeof PREKEY_USAGE.proofMessageEcdh | typeof PREKEY_USAGE.proofSharedEcdh;

/** lambda = 352 bits. */
const LAMBDA_BYTES = 44;

/** Each item with its t_n: a piece of KDF(usage_proof_c_lambda, c, N * lambda), in order. */
function weigh<T>(c: Uint8Array, items: readonly T[]): readonly (readonly [T, Uint8Array])[] {
  const p = prekeyKdf(PREKEY_USAGE.proofExpansion, [c], LAMBDA_BYTES * items.length);
  return items.map((item, k) => [item, p.subarray(k * LAMBDA_BYTES, (k + 1) * LAMBDA_BYTES)]);
}

/**
 *     A = G * r
 *     c = KDF(use, A || Y_1 || ... || Y_N || m, 64)
 *     v = r + t_1 * y_1 + ... + t_N * y_N mod q, each t_n little-endian
 *
 * @param pairs at least one
 * @see Prekey Server "Prekey Messages proofs", "Prekey Profile proof"
 */
export function proveEcdh(
  use: EcdhProofUse,
  pairs: readonly EcdhKeyPair[],
  context: ProofContext,
  env: Env,
): EcdhProof {
  using r = randomNonce(env);
  const points = pairs.map((pair) => pair.public);
  const c = challengeEcdh(use, multiplyBase(r), points, context);
  const proven = weigh(c, pairs).map(([{ secret }, t]) => ({ secret, by: toScalar(t) }));
  return { c, v: respondToAll(r, proven) };
}

/**
 *     A = G * v - (Y_1 * t_1 + ... + Y_N * t_N)
 *     c == KDF(use, A || Y_1 || ... || Y_N || m, 64)
 *
 * @param points validated, in the order of publication
 */
export function isEcdhProof(
  use: EcdhProofUse,
  points: readonly EcdhPublic[],
  context: ProofContext,
  { c, v }: EcdhProof,
): boolean {
  const terms = weigh(c, points).map(([point, t]) => ({ point, by: toScalar(t) }));
  return equalBytes(c, challengeEcdh(use, combineDifference(v, terms), points, context));
}

function challengeEcdh(
  use: EcdhProofUse,
  commitment: Uint8Array,
  points: readonly EcdhPublic[],
  context: ProofContext,
): Uint8Array {
  return prekeyKdf(use, [commitment, ...points, context], PROOF_CHALLENGE_LENGTH);
}

/**
 *     A = g3 ^ r mod dh_p
 *     c = KDF(usage_proof_message_dh, MPI(A) || MPI(B_1) || ... || MPI(B_N) || m, 64)
 *     v = r + t_1 * b_1 + ... + t_N * b_N mod dh_q, each t_n big-endian
 *
 * @param pairs at least one
 * @see Prekey Server "Prekey Messages proofs"
 */
export function proveDh(pairs: readonly DhKeyPair[], context: ProofContext, env: Env): DhProof {
  using r = randomDhNonce(env);
  const keys = pairs.map((pair) => pair.public);
  const c = challengeDh(commitToDhNonce(r), keys, context);
  const proven = weigh(c, pairs).map(([{ secret }, t]) => ({ secret, by: decodeBigEndian(t) }));
  return { c, v: respondToAllDh(r, proven) };
}

/**
 *     A = g3 ^ v * (B_1 ^ t_1 * ... * B_N ^ t_N) ^ -1 mod dh_p
 *     c == KDF(usage_proof_message_dh, MPI(A) || MPI(B_1) || ... || MPI(B_N) || m, 64)
 *
 * @param keys validated, in the order of publication
 */
export function isDhProof(
  keys: readonly DhPublic[],
  context: ProofContext,
  { c, v }: DhProof,
): boolean {
  const terms = weigh(c, keys).map(([base, t]) => ({ base, by: decodeBigEndian(t) }));
  return equalBytes(c, challengeDh(divideByPublicPowers(v, terms), keys, context));
}

function challengeDh(
  commitment: bigint,
  keys: readonly DhPublic[],
  context: ProofContext,
): Uint8Array {
  const integers = [commitment, ...keys].map(encodeMpi);
  return prekeyKdf(PREKEY_USAGE.proofMessageDh, [...integers, context], PROOF_CHALLENGE_LENGTH);
}
