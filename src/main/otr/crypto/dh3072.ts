// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "3072-bit Diffie-Hellman Parameters": the second group, should the curve fall.

import type { Brand } from '../bytes.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { fixedBasePower } from './comb.ts';
import { decodeBigEndian, encodeBigEndian, encodeUnsigned } from './integer.ts';
import { jacobi } from './jacobi.ts';
import { Secret } from './secret.ts';

/** dh_p: 2^3072 - 2^3008 - 1 + 2^64 * (integer part of 2^2942 * pi + 1690314), RFC 3526 group 15. */
const p = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD' +
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED' +
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F' +
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B' +
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510' +
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7' +
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C' +
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
);
const g3 = 2n;

export const DH_MODULUS = p;

/** Bytes of the modulus, and of the longest MPI a key may need. */
export const DH_LENGTH = 384;
/** Bytes of a secret exponent. */
export const DH_SECRET_LENGTH = 80;

/** 2 ^ exponent mod p, for secret exponents: 40 squarings instead of 640. */
const powerOfTwo = fixedBasePower(g3, p, 8 * DH_SECRET_LENGTH);

/** An element of the subgroup of order q. */
export type DhPublic = Brand<bigint, 'DhPublic'>;

export interface DhKeyPair {
  readonly secret: Secret<typeof DH_SECRET_LENGTH>;
  readonly public: DhPublic;
}

/**
 * Accepts a DH key from a peer: in range, and in the subgroup of order q.
 *
 * The specification asks for x^q = 1 (mod p). p is a safe prime, so by Euler's criterion that is
 * the Jacobi symbol (x/p) = 1, a hundred times cheaper; a property test compares the two. The
 * input is public, so variable time is fine.
 *
 * @throws {OtrError} `bad-dh-element`
 * @see OTRv4 "Verifying that an integer is in the DH group"
 */
export function validateDhElement(value: bigint, field: string): DhPublic {
  // Stryker disable next-line EqualityOperator: p - 2 is no square, since 2 is one and -1 is none
  const isTooLarge = value > p - g3;
  if (value < g3 || isTooLarge || jacobi(value, p) !== 1) {
    throw new OtrError('bad-dh-element', field);
  }
  return value as DhPublic;
}

/** @see OTRv4 "Generating ECDH and DH keys" */
export function generateDh(env: Env): DhKeyPair {
  const secret = Secret.own(env.random(DH_SECRET_LENGTH), DH_SECRET_LENGTH);
  return { secret, public: secret.lend((bytes) => powerOfTwo(decodeBigEndian(bytes))) as DhPublic };
}

/** Who may compute a power in our place; see `Env`. */
export type DhPower = Pick<Env, 'dhPower'>;

/**
 * k_dh = theirs ^ ours mod p.
 *
 * @param by native code, when there is some
 * @returns big-endian without leading zero bytes, so 384 bytes or, rarely, fewer
 * @see OTRv4 "Generating Shared Secrets"
 */
export function dhShared(
  ours: Secret<typeof DH_SECRET_LENGTH>,
  theirs: DhPublic,
  by: DhPower = {},
): Secret {
  const k = ours.lend((exponent) => {
    const base = encodeBigEndian(theirs, DH_LENGTH);
    return by.dhPower?.(base, exponent) ?? powerInDhGroup(base, exponent);
  });
  const shared = encodeUnsigned(decodeBigEndian(k));
  k.fill(0);
  return Secret.own(shared, shared.length);
}

/** base ^ exponent mod p; 80 bytes of exponent, 384 of everything else, all big-endian. */
export function powerInDhGroup(base: Uint8Array, exponent: Uint8Array): Uint8Array {
  return encodeBigEndian(power(decodeBigEndian(base), decodeBigEndian(exponent)), DH_LENGTH);
}

const WINDOW_BITS = 5;

/**
 * base ^ exponent mod p, five bits at a time. Not constant time (BigInt is not); an exponent is
 * used at most a few times before it is replaced.
 */
function power(base: bigint, exponent: bigint): bigint {
  const powers: bigint[] = [1n];
  for (let k = 1; k < 1 << WINDOW_BITS; k += 1) powers.push(((powers[k - 1] ?? 1n) * base) % p);
  let result = 1n;
  const windows = Math.ceil((DH_SECRET_LENGTH * 8) / WINDOW_BITS);
  for (let window = windows - 1; window >= 0; window -= 1) {
    for (let bit = 0; bit < WINDOW_BITS; bit += 1) result = (result * result) % p;
    const digit = Number((exponent >> BigInt(window * WINDOW_BITS)) & 31n);
    result = (result * (powers[digit] ?? 1n)) % p;
  }
  return result;
}
