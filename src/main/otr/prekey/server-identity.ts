// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Server Composite Identity": a server's name and key, and their fingerprint.

import { encodeUtf8, formatHex } from '../bytes.ts';
import type { Brand } from '../bytes.ts';
import type { Reader } from '../codec/reader.ts';
import { KEY_TYPE, readTypedKey, writeTypedKey } from '../codec/typed-key.ts';
import { Writer } from '../codec/writer.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';
import { LIMITS } from '../limits.ts';
import { FINGERPRINT_LENGTH, parseFingerprintDigits } from '../profile/fingerprint.ts';

/** 56 bytes over a server's long-term key. */
export type ServerFingerprint = Brand<Uint8Array, 'ServerFingerprint'>;

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
  const publicKey = readTypedKey(read, KEY_TYPE.publicKey, 'server-key');
  return { identity, publicKey, raw: read.span(start, read.position) };
}

/** @param publicKey H_s, 57 bytes */
export function encodeCompositeIdentity(serverJid: string, publicKey: Uint8Array): Uint8Array {
  const write = new Writer().data(encodeUtf8(serverJid));
  return writeTypedKey(write, KEY_TYPE.publicKey, publicKey).finish();
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
  return parseFingerprintDigits(text) as ServerFingerprint | undefined;
}
