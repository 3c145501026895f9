// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Ring Signature Authentication": RSig and RVrf.

import { concat } from '../bytes.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { equalBytes } from './constant-time.ts';
import {
  addScalars,
  BASE_POINT,
  combine,
  GROUP_ORDER,
  hashToScalar,
  multiplyBase,
  publish,
  randomScalar,
  respond,
  SCALAR_LENGTH,
  subtractScalars,
  toScalar,
  validateScalar,
} from './ed448.ts';
import type { EcdhKeyPair, EcdhPublic, Scalar } from './ed448.ts';
import { OTRV4_DOMAIN, USAGE } from './kdf.ts';
import type { HashUse } from './kdf.ts';

/** Three keys; the signer has the secret of one of them. The order is part of what is signed. */
export type Ring = readonly [EcdhPublic, EcdhPublic, EcdhPublic];

/** SCALAR c1, r1, c2, r2, c3, r3. */
export const RING_SIGNATURE_LENGTH = 6 * SCALAR_LENGTH;

/** Where a ring signature is used: how its challenge is hashed, and which spellings it may have. */
export interface RingUse {
  readonly hash: HashUse;
  /** OTRv4 reduces scalars of q and above; the prekey protocol refuses a second spelling. */
  readonly scalars: 'reduced' | 'canonical';
}

/** What is signed, and among whom. */
export interface RingStatement {
  readonly ring: Ring;
  /** Hashed as it is, without a length. */
  readonly message: Uint8Array;
}

const OTRV4: RingUse = {
  hash: { domain: OTRV4_DOMAIN, usage: USAGE.auth },
  scalars: 'reduced',
};

/** What is signed for one member: its challenge c and its response r. */
interface Share {
  readonly c: Scalar;
  readonly r: Scalar;
}

/**
 * RSig: proves knowledge of the secret of one member of `ring` without telling which.
 *
 * All seven random values are drawn whichever member signs, and in the same order
 * (t, c1, c2, c3, r1, r2, r3); the signer's own c and r are drawn and dropped.
 *
 * @param signer  pair whose public half is exactly one member of the ring
 * @param message hashed as it is, without a length. Dialect `otr4j` passes DATA(message)
 * @returns 342 bytes
 * @throws {RangeError} when the signer is no member, or two
 * @see OTRv4 "Authentication: RSig(A1, a1, {A1, A2, A3}, m)"
 */
export function signRing(
  signer: EcdhKeyPair,
  ring: Ring,
  message: Uint8Array,
  env: Env,
): Uint8Array {
  return signRingFor(OTRV4, signer, { ring, message }, env);
}

/** {@link signRing} of another protocol. */
export function signRingFor(
  use: RingUse,
  signer: EcdhKeyPair,
  { ring, message }: RingStatement,
  env: Env,
): Uint8Array {
  const own = positionOf(signer.public, ring);
  using t = randomScalar(env);
  const c = [drawPublic(env), drawPublic(env), drawPublic(env)] as const;
  const r = [drawPublic(env), drawPublic(env), drawPublic(env)] as const;
  const shares: readonly Share[] = ring.map((_, k) => ({ c: at(c, k), r: at(r, k) }));

  const commitments = ring.map((member, k) =>
    k === own ? multiplyBase(t) : commit(member, at(shares, k)),
  );
  const challenge = hashRing(use, { ring, message }, commitments);
  const ownC = shares.reduce(
    (rest, share, k) => (k === own ? rest : subtractScalars(rest, share.c)),
    challenge,
  );
  const ownShare = { c: ownC, r: respond(t, signer.secret, ownC) };
  return concat(...shares.flatMap((share, k) => toParts(k === own ? ownShare : share)));
}

/**
 * RVrf: whether `signature` was made by someone who knows the secret of a member of `ring`.
 *
 * @param signature 342 bytes
 * @throws {OtrError} `bad-length` for any other number of bytes
 * @see OTRv4 "Verification: RVrf({A1, A2, A3}, sigma, m)"
 */
export function verifyRing(ring: Ring, signature: Uint8Array, message: Uint8Array): boolean {
  return verifyRingFor(OTRV4, { ring, message }, signature);
}

/**
 * {@link verifyRing} of another protocol.
 * @throws {OtrError} `bad-length`; `bad-scalar` where only one spelling is allowed
 */
export function verifyRingFor(
  use: RingUse,
  { ring, message }: RingStatement,
  signature: Uint8Array,
): boolean {
  if (signature.length !== RING_SIGNATURE_LENGTH) throw new OtrError('bad-length', 'sigma');
  const shares = ring.map((_, k) => shareAt(signature, k, use));
  const commitments = ring.map((member, k) => commit(member, at(shares, k)));
  const challenge = hashRing(use, { ring, message }, commitments);
  const sum = shares.map((share) => share.c).reduce(addScalars);
  return equalBytes(sum, challenge);
}

function positionOf(key: EcdhPublic, ring: Ring): number {
  const positions = ring.flatMap((member, k) => (equalBytes(member, key) ? [k] : []));
  const [only, ...others] = positions;
  if (only === undefined || others.length > 0) throw new RangeError('signer not in ring once');
  return only;
}

/** G * r + A * c */
function commit(member: EcdhPublic, { c, r }: Share): Uint8Array {
  return combine({ point: BASE_POINT, by: r }, { point: member, by: c });
}

function hashRing(
  { hash }: RingUse,
  { ring, message }: RingStatement,
  commitments: readonly Uint8Array[],
): Scalar {
  return hashToScalar(hash, [BASE_POINT, GROUP_ORDER, ...ring, ...commitments, message]);
}

function drawPublic(env: Env): Scalar {
  using drawn = randomScalar(env);
  return publish(drawn);
}

function toParts({ c, r }: Share): readonly Uint8Array[] {
  return [c, r];
}

function shareAt(signature: Uint8Array, k: number, { scalars }: RingUse): Share {
  const start = 2 * k * SCALAR_LENGTH;
  const middle = start + SCALAR_LENGTH;
  const read = scalars === 'reduced' ? toScalar : validateScalar;
  return {
    c: read(signature.subarray(start, middle), 'sigma'),
    r: read(signature.subarray(middle, middle + SCALAR_LENGTH), 'sigma'),
  };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError('ring position');
  return found;
}
