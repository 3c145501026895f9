// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Elliptic Curve Parameters": points and scalars of Ed448-Goldilocks.

import { ed448 } from '@noble/curves/ed448.js';

import type { Brand } from '../bytes.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { equalBytes, isAllZero } from './constant-time.ts';
import { decodeLittleEndian, encodeLittleEndian } from './integer.ts';
import { kdfIn, OTRV4_DOMAIN, shake } from './kdf.ts';
import type { HashUse } from './kdf.ts';
import { sumPublicProducts } from './public-sum.ts';
import { Secret } from './secret.ts';
import { isInPrimeSubgroup } from './subgroup.ts';

const { Point } = ed448;
type Point = typeof Point.BASE;
const q = Point.Fn.ORDER;

/** Bytes of a POINT, of a SCALAR and of every random value they are made from. */
export const POINT_LENGTH = 57;
export const SCALAR_LENGTH = 57;
export const SEED_LENGTH = 57;
export const SIGNATURE_LENGTH = 114;
const NONCE_LENGTH = 56;

/** 57 bytes, on the curve, of prime order, not the identity, in its one encoding. */
export type EcdhPublic = Brand<Uint8Array, 'EcdhPublic'>;

/** A public scalar: 57 bytes little-endian, reduced mod q. */
export type Scalar = Brand<Uint8Array, 'Scalar'>;

/** A secret scalar: 57 bytes little-endian, reduced mod q, never 0. */
export type SecretScalar = Secret<typeof SCALAR_LENGTH>;

/** A pair made for one key exchange, or a long-term one. */
export interface EcdhKeyPair {
  readonly secret: SecretScalar;
  readonly public: EcdhPublic;
}

/** G. @see OTRv4 "Elliptic Curve Parameters" */
export const BASE_POINT = Point.BASE.toBytes() as EcdhPublic;

/** q as a SCALAR; part of what a ring signature hashes. */
export const GROUP_ORDER: Uint8Array = encodeLittleEndian(q, SCALAR_LENGTH);

/**
 * Accepts a point from a peer: it decodes, is not the identity, has prime order, and is spelt the
 * one way. noble's decoder alone accepts the identity and points of order 2, 4, 2q and 4q.
 *
 * @param bytes 57 bytes
 * @throws {OtrError} `bad-point`
 * @see OTRv4 "Verifying that a point is on the curve"
 */
export function validatePoint(bytes: Uint8Array, field: string): EcdhPublic {
  const point = tryDecode(bytes);
  if (point === undefined || !isInPrimeSubgroup(point)) throw new OtrError('bad-point', field);
  // The identity is in the subgroup; this refuses it.
  return encodePoint(point, field);
}

/** The decoder throws for any other length than 57 bytes. */
function tryDecode(bytes: Uint8Array): Point | undefined {
  let point: Point | undefined;
  try {
    point = Point.fromBytes(bytes);
  } catch {
    // It stays undefined.
  }
  // Stryker disable next-line ConditionalExpression: the decoder as it is today takes y < p and x = 0 without a sign only, so every point it makes has one spelling
  return point && equalBytes(point.toBytes(), bytes) ? point : undefined;
}

/**
 * What each array of this module's making encodes: decoding costs a square root, and most points are
 * used several times. A memo only; nobody writes into an `EcdhPublic`.
 */
const decoded = new WeakMap<EcdhPublic, Point>();

/** For points that are valid by type. */
function toPoint(valid: EcdhPublic): Point {
  return decoded.get(valid) ?? decodeValid(valid);
}

function decodeValid(valid: EcdhPublic): Point {
  const point = equalBytes(valid, BASE_POINT) ? Point.BASE : Point.fromBytes(valid);
  // Stryker disable next-line CallExpression: a memo
  decoded.set(valid, point);
  return point;
}

/** Sums and multiples of valid points have prime order, so the identity is all there is to refuse. */
function encodePoint(point: Point, field: string): EcdhPublic {
  if (point.is0()) throw new OtrError('bad-point', field);
  const encoded = point.toBytes() as EcdhPublic;
  // Stryker disable next-line CallExpression: a memo
  decoded.set(encoded, point);
  return encoded;
}

/**
 * Reads a SCALAR from a peer. Values of q and above are accepted and reduced.
 * @param bytes 57 bytes, little-endian
 * @see OTRv4 "Scalar"
 */
export function toScalar(bytes: Uint8Array): Scalar {
  return encodeScalar(decodeLittleEndian(bytes));
}

/**
 * Reads a SCALAR of a protocol that allows one spelling only.
 * @param bytes 57 bytes, little-endian
 * @throws {OtrError} `bad-scalar` for values of q and above
 */
export function validateScalar(bytes: Uint8Array, field: string): Scalar {
  if (decodeLittleEndian(bytes) >= q) throw new OtrError('bad-scalar', field);
  return toScalar(bytes);
}

function encodeScalar(value: bigint): Scalar {
  return encodeLittleEndian(Point.Fn.create(value), SCALAR_LENGTH) as Scalar;
}

function ownScalar(value: bigint): SecretScalar {
  const reduced = Point.Fn.create(value);
  if (reduced === 0n) throw new RangeError('secret scalar is zero');
  return Secret.own(encodeLittleEndian(reduced, SCALAR_LENGTH), SCALAR_LENGTH);
}

/** Clears the two lowest bits and the last byte, sets the highest bit of the byte before it. */
function prune(bytes: Uint8Array): void {
  bytes[0] = (bytes[0] ?? 0) & 0xfc;
  bytes[SCALAR_LENGTH - 2] = (bytes[SCALAR_LENGTH - 2] ?? 0) | 0x80;
  bytes[SCALAR_LENGTH - 1] = 0;
}

/**
 * A secret scalar from 57 bytes that are already a hash: pruned, then reduced mod q.
 * @param hash 57 bytes; wiped
 * @see OTRv4 "Considerations while working with elliptic curve parameters"
 */
export function pruneAndRetire(hash: Uint8Array): SecretScalar {
  try {
    prune(hash);
    return ownScalar(decodeLittleEndian(hash));
  } finally {
    hash.fill(0);
  }
}

/**
 * A random value in Z_q: SHAKE-256 of 57 random bytes, pruned.
 * @see OTRv4 "Considerations while working with elliptic curve parameters"
 */
export function randomScalar(env: Env): SecretScalar {
  const seed = env.random(SEED_LENGTH);
  try {
    return pruneAndRetire(shake(seed, SCALAR_LENGTH));
  } finally {
    seed.fill(0);
  }
}

/**
 * A scalar to hide secrets with: 56 random bytes, little-endian, mod q, as the prekey protocol draws
 * it. Unlike {@link randomScalar} it leaves no bit of it fixed.
 * @see Prekey Server "Proofs"
 */
export function randomNonce(env: Env): SecretScalar {
  const drawn = env.random(NONCE_LENGTH);
  try {
    return ownScalar(decodeLittleEndian(drawn));
  } finally {
    drawn.fill(0);
  }
}

/**
 * The scalar that belongs to a symmetric key. (The first 57 bytes of RFC 8032's expansion; the
 * other half is only ever needed to sign.)
 * @see OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints"
 */
export function expandSeed(seed: Secret<typeof SEED_LENGTH>): SecretScalar {
  return seed.lend((bytes) => pruneAndRetire(shake(bytes, SCALAR_LENGTH)));
}

/** @see OTRv4 "Generating ECDH and DH keys" */
export function generateEcdh(env: Env): EcdhKeyPair {
  const secret = randomScalar(env);
  return { secret, public: multiplyBase(secret) };
}

/** G * secret. */
export function multiplyBase(secret: SecretScalar): EcdhPublic {
  return encodePoint(
    secret.lend((s) => Point.BASE.multiply(decodeLittleEndian(s))),
    'product',
  );
}

/**
 * point * secret, in a sequence of operations that does not depend on the secret. For short-lived
 * secrets; a long-lived one goes through {@link ecdhLongTerm}.
 * @throws {OtrError} `bad-point` never, for a valid point and a non-zero scalar
 */
export function multiply(point: EcdhPublic, secret: SecretScalar): EcdhPublic {
  return encodePoint(multiplySecretly(toPoint(point), secret), 'product');
}

function multiplySecretly(point: Point, secret: SecretScalar): Point {
  return secret.lend((s) => point.multiply(decodeLittleEndian(s)));
}

/**
 * K_ecdh of an ephemeral secret.
 *
 * The specification rejects a result of all zeros. That is the encoding of a point of order 4; the
 * identity is spelt `01 00 ...`, so both are refused here.
 *
 * @returns 57 bytes
 * @throws {OtrError} `bad-shared-secret`
 * @see OTRv4 "Generating Shared Secrets"
 */
export function ecdh(secret: SecretScalar, theirs: EcdhPublic): Secret<typeof POINT_LENGTH> {
  return ownShared(multiplySecretly(toPoint(theirs), secret));
}

/**
 * K_ecdh of a long-lived secret with a point the peer chose. noble does not blind such products,
 * so the secret is split into two random summands: no single run uses the secret itself.
 *
 * @returns 57 bytes
 * @throws {OtrError} `bad-shared-secret`
 */
export function ecdhLongTerm(
  secret: SecretScalar,
  theirs: EcdhPublic,
  env: Env,
): Secret<typeof POINT_LENGTH> {
  using first = randomScalar(env);
  using second = subtractSecrets(secret, first);
  const point = toPoint(theirs);
  return ownShared(multiplySecretly(point, first).add(multiplySecretly(point, second)));
}

/**
 * a * (4 * B): the prekey protocol multiplies the peer's point by the cofactor, where OTRv4 does not.
 *
 * @returns 57 bytes
 * @throws {OtrError} `bad-shared-secret`
 * @see Prekey Server "Generating Shared Secrets"
 */
export function ecdhWithCofactor(
  secret: SecretScalar,
  theirs: EcdhPublic,
): Secret<typeof POINT_LENGTH> {
  return ownShared(multiplySecretly(toPoint(theirs).clearCofactor(), secret));
}

function subtractSecrets(left: SecretScalar, right: SecretScalar): SecretScalar {
  return left.lend((l) =>
    right.lend((r) => ownScalar(decodeLittleEndian(l) - decodeLittleEndian(r))),
  );
}

function ownShared(point: Point): Secret<typeof POINT_LENGTH> {
  const bytes = point.toBytes();
  if (point.is0() || isAllZero(bytes)) throw new OtrError('bad-shared-secret', 'ecdh');
  return Secret.own(bytes, POINT_LENGTH);
}

/** @throws {OtrError} `bad-point` when the sum is the identity */
export function add(left: EcdhPublic, right: EcdhPublic, field: string): EcdhPublic {
  return encodePoint(toPoint(left).add(toPoint(right)), field);
}

/** @throws {OtrError} `bad-point` when both are equal */
export function subtract(left: EcdhPublic, right: EcdhPublic, field: string): EcdhPublic {
  return encodePoint(toPoint(left).subtract(toPoint(right)), field);
}

/** One product of a {@link combine}. */
export interface Term {
  readonly point: EcdhPublic;
  readonly by: Scalar;
}

/**
 * The sum of point * scalar, encoded. Variable time: for values that are public anyway.
 * @returns 57 bytes to hash; may be the identity, which is why it is not an `EcdhPublic`
 */
export function combine(...terms: readonly Term[]): Uint8Array {
  const sum = sumPublicProducts(
    terms.map(({ point, by }) => ({ point: toPoint(point), by: decodeLittleEndian(by) })),
  );
  return sum.toBytes();
}

/**
 * G * by - (the sum of point * by over all terms), encoded. Variable time: what the verifier of a
 * proof computes, from values that are public anyway.
 * @returns 57 bytes to hash; may be the identity
 */
export function combineDifference(by: Scalar, terms: readonly Term[]): Uint8Array {
  const negated = terms.map((term) => ({
    point: toPoint(term.point).negate(),
    by: decodeLittleEndian(term.by),
  }));
  return sumPublicProducts([
    { point: Point.BASE, by: decodeLittleEndian(by) },
    ...negated,
  ]).toBytes();
}

/**
 * HashToScalar: the 57-byte hash, little-endian, reduced mod q. Not pruned.
 * @param use a usage of OTRv4, or one of another protocol
 * @see OTRv4 "HashToScalar"
 */
export function hashToScalar(use: number | HashUse, values: readonly Uint8Array[]): Scalar {
  const whole = typeof use === 'number' ? { domain: OTRV4_DOMAIN, usage: use } : use;
  return toScalar(kdfIn(whole, values, SCALAR_LENGTH));
}

/** left + right mod q. */
export function addScalars(left: Scalar, right: Scalar): Scalar {
  return encodeScalar(decodeLittleEndian(left) + decodeLittleEndian(right));
}

/** left - right mod q. */
export function subtractScalars(left: Scalar, right: Scalar): Scalar {
  return encodeScalar(decodeLittleEndian(left) - decodeLittleEndian(right));
}

/** nonce - challenge * secret mod q: the answer of a Schnorr proof. It is public; its parts are not. */
export function respond(nonce: SecretScalar, secret: SecretScalar, challenge: Scalar): Scalar {
  return nonce.lend((n) =>
    secret.lend((s) =>
      encodeScalar(decodeLittleEndian(n) - decodeLittleEndian(challenge) * decodeLittleEndian(s)),
    ),
  );
}

/** A secret of a batch proof, and the challenge for it. */
export interface ProvenScalar {
  readonly secret: SecretScalar;
  readonly by: Scalar;
}

/** nonce + the sum of secret * by, mod q: the answer of a batch proof. Public; its parts are not. */
export function respondToAll(nonce: SecretScalar, proven: readonly ProvenScalar[]): Scalar {
  return encodeScalar(
    proven.reduce(
      (sum, { secret, by }) =>
        secret.lend((s) => Point.Fn.create(sum + decodeLittleEndian(by) * decodeLittleEndian(s))),
      nonce.lend(decodeLittleEndian),
    ),
  );
}

/** A secret scalar that is about to be published, as the simulated parts of a ring signature are. */
export function publish(secret: SecretScalar): Scalar {
  return secret.lend((s) => toScalar(s));
}

/**
 * Ed448 signature, RFC 8032, empty context.
 * @param seed the symmetric key the long-term key pair was made from
 * @returns 114 bytes
 */
export function sign(seed: Secret<typeof SEED_LENGTH>, message: Uint8Array): Uint8Array {
  return seed.lend((bytes) => ed448.sign(message, bytes));
}

/** Whether `signature` (114 bytes) is one of `message` under `publicKey`. Never throws. */
export function verify(publicKey: EcdhPublic, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  return ed448.verify(signature, message, publicKey);
}
