// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Proofs": PROOF-ECDH and PROOF-DH.

import type { Reader } from '../../codec/reader.ts';
import type { Writer } from '../../codec/writer.ts';
import { DH_ORDER } from '../../crypto/dh-batch.ts';
import { DH_LENGTH } from '../../crypto/dh3072.ts';
import { SCALAR_LENGTH, validateScalar } from '../../crypto/ed448.ts';
import type { Scalar } from '../../crypto/ed448.ts';
import { OtrError } from '../../errors.ts';

/** Bytes of `c`, which unlike that of a ring signature is a hash and no scalar. */
export const PROOF_CHALLENGE_LENGTH = 64;

/** Somebody knows the secrets of some points. Well-formed, not verified. */
export interface EcdhProof {
  readonly c: Uint8Array;
  readonly v: Scalar;
}

/** Somebody knows the secrets of some DH keys. Well-formed, not verified. */
export interface DhProof {
  readonly c: Uint8Array;
  /** Below dh_q. */
  readonly v: bigint;
}

/** c 64 | v SCALAR. @throws {OtrError} `bad-scalar` for v of q and above: a proof has one spelling */
export function readEcdhProof(read: Reader, field: string): EcdhProof {
  const c = read.fixed(PROOF_CHALLENGE_LENGTH, field);
  return { c, v: validateScalar(read.fixed(SCALAR_LENGTH, field), field) };
}

/** c 64 | v MPI. @throws {OtrError} `bad-scalar` for v of dh_q and above */
export function readDhProof(read: Reader, field: string): DhProof {
  const c = read.fixed(PROOF_CHALLENGE_LENGTH, field);
  const v = read.mpi(DH_LENGTH, field);
  if (v >= DH_ORDER) throw new OtrError('bad-scalar', field);
  return { c, v };
}

export function writeEcdhProof(write: Writer, { c, v }: EcdhProof): Writer {
  return write.bytes(c).bytes(v);
}

export function writeDhProof(write: Writer, { c, v }: DhProof): Writer {
  return write.bytes(c).mpi(v);
}
