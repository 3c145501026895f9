// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Types": integers and bytes, either way round.

import type { Env } from '../env.ts';

/**
 * Integers and bytes, without a string in between: a string of hexadecimal digits could never be
 * wiped. (The bigint cannot be wiped either; it is kept inside one function.)
 */

const WORD_BYTES = 8;
const WORD_BITS = 64n;
const CHUNK_BYTES = 256;

/** The unsigned integer of big-endian bytes; 0 of none. Each word costs as much as all before it. */
export function decodeBigEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const odd = bytes.length % WORD_BYTES;
  let value = 0n;
  for (let at = 0; at < odd; at += 1) value = (value << 8n) | BigInt(view.getUint8(at));
  for (let at = odd; at < bytes.length; at += WORD_BYTES) {
    value = (value << WORD_BITS) | view.getBigUint64(at);
  }
  return value;
}

/**
 * {@link decodeBigEndian} modulo something, in time that grows with the length alone: for bytes that
 * nothing bounds.
 */
export function reduceBigEndian(bytes: Uint8Array, modulus: bigint): bigint {
  let value = 0n;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = bytes.subarray(at, at + CHUNK_BYTES);
    value = ((value << BigInt(8 * chunk.length)) | decodeBigEndian(chunk)) % modulus;
  }
  return value;
}

/** Big-endian in exactly `length` bytes. @throws {RangeError} when the value needs more */
export function encodeBigEndian(value: bigint, length: number): Uint8Array {
  // Below 0 the shift leaves -1.
  if (value >> BigInt(8 * length) !== 0n) throw new RangeError('integer length');
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let rest = value;
  let at = length - WORD_BYTES;
  for (; at >= 0; at -= WORD_BYTES) {
    view.setBigUint64(at, BigInt.asUintN(64, rest));
    rest >>= WORD_BITS;
  }
  for (let octet = at + WORD_BYTES - 1; octet >= 0; octet -= 1) {
    bytes[octet] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Shortest big-endian spelling; empty for 0. */
export function encodeUnsigned(value: bigint): Uint8Array {
  let length = 0;
  for (let rest = value; rest > 0n; rest >>= WORD_BITS) length += WORD_BYTES;
  const padded = encodeBigEndian(value, length);
  const shortest = padded.slice(padded.findIndex((octet) => octet !== 0));
  padded.fill(0);
  return shortest;
}

/** The unsigned integer of little-endian bytes. */
export function decodeLittleEndian(bytes: Uint8Array): bigint {
  const reversed = bytes.toReversed();
  const value = decodeBigEndian(reversed);
  reversed.fill(0);
  return value;
}

/** Little-endian in exactly `length` bytes. @throws {RangeError} when the value needs more */
export function encodeLittleEndian(value: bigint, length: number): Uint8Array {
  return encodeBigEndian(value, length).reverse();
}

/** A random INT: 4 bytes, any value. */
export function drawInt(env: Env): number {
  return Number(decodeBigEndian(env.random(4)));
}
