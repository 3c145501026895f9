// SPDX-License-Identifier: GPL-3.0-or-later
// What a judge computes for himself: written from the specification, without the engine's own.

import { ed448 } from '@noble/curves/ed448.js';
import { shake256 } from '@noble/hashes/sha3.js';

const { Point } = ed448;
const q = Point.Fn.ORDER;
const SCALAR_LENGTH = 57;

/** KDF, HWC and HCMAC: SHAKE-256("OTRv4" || usage || values, size). */
export function hash(usage: number, values: readonly Uint8Array[], size: number): Uint8Array {
  return shake256(Buffer.concat([Buffer.from('OTRv4'), Buffer.of(usage), ...values]), {
    dkLen: size,
  });
}

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function data(bytes: Uint8Array): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

export function mpi(value: bigint): Buffer {
  const digits = value === 0n ? '' : value.toString(16);
  return data(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function scalar(value: bigint): Buffer {
  const hex = value.toString(16).padStart(SCALAR_LENGTH * 2, '0');
  return Buffer.from(hex, 'hex').reverse();
}

/** Whether an Ed448 signature (RFC 8032) is one of `message` under `key`. */
export function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return ed448.verify(signature, message, key);
}

/** Of a Client Profile: it covers the fields, without their count in front. */
export function isSelfSigned({
  raw,
  publicKey,
  signature,
}: Readonly<Record<'raw' | 'publicKey' | 'signature', Uint8Array>>): boolean {
  return isSigned(publicKey, raw.slice(4, -signature.length), signature);
}

export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** RVrf: c = c1 + c2 + c3, for c = HashToScalar(0x1A || G || q || A1..A3 || T1..T3 || m). */
export function isRingSigned(
  ring: readonly Uint8Array[],
  message: Uint8Array,
  sigma: Uint8Array,
): boolean {
  const parts = Array.from({ length: 6 }, (_, k) =>
    littleEndian(sigma.subarray(k * SCALAR_LENGTH, (k + 1) * SCALAR_LENGTH)),
  );
  const at = (k: number): bigint => Point.Fn.create(parts[k] ?? 0n);
  const commitments = ring.map((member, k) => {
    const [c, r] = [at(2 * k), at(2 * k + 1)];
    return multiple(Point.BASE, r)
      .add(multiple(Point.fromBytes(member), c))
      .toBytes();
  });
  const hashed = hash(
    0x1a,
    [Point.BASE.toBytes(), scalar(q), ...ring, ...commitments, message],
    SCALAR_LENGTH,
  );
  return Point.Fn.create(littleEndian(hashed)) === Point.Fn.create(at(0) + at(2) + at(4));
}

function multiple(point: typeof Point.BASE, by: bigint): typeof Point.BASE {
  return by === 0n ? Point.ZERO : point.multiplyUnsafe(by);
}
