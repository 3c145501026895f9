// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Server Composite Identity": a server's name and key, and their fingerprint.

import { encodeUtf8, formatHex, parseHex } from '../bytes.ts';
import type { Brand } from '../bytes.ts';
import type { Reader } from '../codec/reader.ts';
import { Writer } from '../codec/writer.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** 56 bytes over a server's long-term key. */
export type ServerFingerprint = Brand<Uint8Array, 'ServerFingerprint'>;

const FINGERPRINT_LENGTH = 56;
const FORMATTED = /^[0-9a-f]{112}$/i;
const KEY_TYPE = 0x0010;

/** A server's identity as it arrived: well-formed, nothing of it believed. */
export interface CompositeIdentity {
  /** Bare address of the server, in the bytes that arrived. */
  readonly identity: Uint8Array;
  /** H_s, 57 bytes, not yet checked to be a curve point. */
  readonly publicKey: Uint8Array;
  /** All of it, exactly as it arrived: what is hashed. */
  readonly raw: Uint8Array;
}

/**
 *     identity DATA | H_s ED448-PUBKEY
 *
 * @throws {OtrError} on any deviation
 */
export function readCompositeIdentity(read: Reader): CompositeIdentity {
  const start = read.position;
  const identity = read.data(LIMITS.jidBytes, 'identity');
  if (read.shortLittleEndian('server-key') !== KEY_TYPE) {
    throw new OtrError('bad-key-type', 'server-key');
  }
  const publicKey = read.fixed(POINT_LENGTH, 'server-key');
  return { identity, publicKey, raw: read.span(start, read.position) };
}

/** @param publicKey H_s, 57 bytes */
export function encodeCompositeIdentity(serverJid: string, publicKey: Uint8Array): Uint8Array {
  return new Writer()
    .data(encodeUtf8(serverJid))
    .shortLittleEndian(KEY_TYPE)
    .bytes(publicKey)
    .finish();
}

/**
 * Names a server's key: OTRv4's KDF over the point alone.
 *
 * @param publicKey H_s, 57 bytes
 * @see Prekey Server "Public keys and Fingerprints"
 */
export function deriveServerFingerprint(publicKey: Uint8Array): ServerFingerprint {
  return hashKey(publicKey);
}

/**
 * Whether `pinned` is of this key. "byte(H)" may be read with a key type in front, in either byte
 * order; each reading is a hash of the same key, so accepting all of them costs nothing (ADR 0023).
 */
export function isFingerprintOf(pinned: ServerFingerprint, publicKey: Uint8Array): boolean {
  const readings = [
    hashKey(publicKey),
    hashKey(Uint8Array.of(0x10, 0x00, ...publicKey)),
    hashKey(Uint8Array.of(0x00, 0x10, ...publicKey)),
  ];
  return readings.some((reading) => equalBytes(pinned, reading));
}

function hashKey(bytes: Uint8Array): ServerFingerprint {
  return kdf(USAGE.fingerprint, [bytes], FINGERPRINT_LENGTH) as ServerFingerprint;
}

/** As service discovery carries it: 112 upper-case hexadecimal digits. */
export function formatServerFingerprint(fingerprint: ServerFingerprint): string {
  return formatHex(fingerprint).toUpperCase();
}

/** Reads 112 hexadecimal digits of either case, with or without blanks; undefined for anything else. */
export function parseServerFingerprint(text: string): ServerFingerprint | undefined {
  const digits = text.replaceAll(' ', '');
  return FORMATTED.test(digits) ? (parseHex(digits) as ServerFingerprint) : undefined;
}
