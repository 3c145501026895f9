// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Notation": bytes, and the brands that say what was checked about them.

import { bytesToUtf8 } from '@noble/ciphers/utils.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

declare const brand: unique symbol;

/**
 * A value whose property `Name` has been checked. Only the constructor that checked it may cast.
 * Repeated here rather than imported from `shared`: the engine stays liftable.
 */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Names one client of an account: 4 bytes, at least 0x100. Made by `codec/instance-tag.ts`. */
export type InstanceTag = Brand<number, 'InstanceTag'>;

/** 56 bytes over the long-term key and the forging key. Made by `profile/fingerprint.ts`. */
export type Fingerprint = Brand<Uint8Array, 'Fingerprint'>;

/** A fresh array holding the parts one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts);
}

/** Lower-case hex of public bytes. Never for secrets: a string cannot be wiped. */
export function formatHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** @throws {Error} unless `hex` is an even number of hex digits */
export function parseHex(hex: string): Uint8Array {
  return hexToBytes(hex);
}

/** Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return utf8ToBytes(text);
}

/** Invalid sequences become U+FFFD: text from a peer is shown, never rejected for its spelling. */
export function decodeUtf8(bytes: Uint8Array): string {
  return bytesToUtf8(bytes);
}

/** Big-endian INT of 4 bytes. */
export function encodeInt(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/**
 * DATA: a 4-byte big-endian length, then the bytes.
 * @see OTRv4 "Data Types"
 */
export function encodeData(bytes: Uint8Array): Uint8Array {
  return concat(encodeInt(bytes.length), bytes);
}
