// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { pow } from '@noble/curves/abstract/modular.js';
import { ed448 } from '@noble/curves/ed448.js';

/** RFC 3526, group 15. The benchmark's own copy: it must not depend on what it is compared with. */
const P = BigInt(
  `0x${[
    'FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD',
    'EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED',
    'EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F',
    '83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B',
    'E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510',
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7',
    'ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C',
    'BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
  ].join('')}`,
);
const Q = (P - 1n) / 2n;
const G = 2n;
const EXPONENT_BYTES = 80;

const { Point } = ed448;
const ORDER = Point.Fn.ORDER;

const randomBigInt = (bytes: number): bigint => BigInt(`0x${randomBytes(bytes).toString('hex')}`);
const randomScalar = (): bigint => (randomBigInt(64) % (ORDER - 1n)) + 1n;

/** `x^q = 1`, as the specification writes the check. */
export const literalGroupCheck = (value: bigint): boolean => pow(value, Q, P) === 1n;

/** A random public key of the group. */
export const randomGroupElement = (): bigint => pow(G, randomBigInt(EXPONENT_BYTES), P);

/** How often each operation occurs. The names are those of the counts in docs/engine-speed.md. */
export interface Counts {
  /** Multiples of the base point, made secretly. */
  readonly KG?: number;
  /** Multiples of another point, made secretly. */
  readonly SM?: number;
  /** Sums of two such products. */
  readonly DM?: number;
  /** Ed448 signatures checked. */
  readonly SV?: number;
  /** Points decoded and checked. */
  readonly TV?: number;
  /** DH keys made, DH secrets, DH keys checked. */
  readonly DKG?: number;
  readonly DSS?: number;
  readonly DCK?: number;
}

/** The interactive DAKE, both sides, and its longest step: Auth-R verified, Auth-I made. */
export const DAKE: Counts = { KG: 7, SM: 5, DM: 10, SV: 2, TV: 8, DKG: 5, DSS: 5, DCK: 4 };
export const LONGEST_STEP: Counts = { KG: 2, SM: 3, DM: 5, SV: 1, TV: 4, DKG: 1, DSS: 3, DCK: 2 };
/** The non-interactive DAKE: whoever sends, and whoever receives. */
export const OFFLINE_SENDER: Counts = { KG: 3, SM: 3, DM: 2, SV: 2, TV: 4, DKG: 2, DSS: 1, DCK: 1 };
export const OFFLINE_RECEIVER: Counts = { SM: 3, DM: 3, SV: 1, TV: 4, DSS: 1, DCK: 2 };
/** The four messages of SMP and the end, both sides. */
export const SMP: Counts = { KG: 10, SM: 14, DM: 17, TV: 10 };

const secret = randomBytes(57);
const publicKey = ed448.getPublicKey(secret);
const message = randomBytes(300);
const signature = ed448.sign(message, secret);
const point = Point.BASE.multiply(randomScalar());
const encoded = point.toBytes();
const element = randomGroupElement();

const OPERATIONS: Readonly<Record<keyof Counts, () => unknown>> = {
  KG: () => Point.BASE.multiply(randomScalar()).toBytes(),
  SM: () => point.multiply(randomScalar()).toBytes(),
  DM: () => Point.BASE.multiply(randomScalar()).add(point.multiply(randomScalar())).toBytes(),
  SV: () => ed448.verify(signature, message, publicKey),
  TV: () => Point.fromBytes(encoded).isTorsionFree(),
  DKG: () => pow(G, randomBigInt(EXPONENT_BYTES), P),
  DSS: () => pow(element, randomBigInt(EXPONENT_BYTES), P),
  DCK: () => literalGroupCheck(element),
};

/** These operations, done with noble and BigInt exactly as the specification writes them. */
export function literally(counts: Counts): () => void {
  const list = Object.entries(counts) as readonly [keyof Counts, number][];
  return () => {
    for (const [name, count] of list) {
      for (let index = 0; index < count; index += 1) OPERATIONS[name]();
    }
  };
}
