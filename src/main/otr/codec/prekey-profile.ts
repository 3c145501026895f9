// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Prekey Profile Data Type": a Prekey Profile on the wire.

import type { InstanceTag } from '../bytes.ts';
import { SIGNATURE_LENGTH } from '../crypto/ed448.ts';
import { readExpiration, writeExpiration } from './expiration.ts';
import { validateInstanceTag } from './instance-tag.ts';
import { Reader } from './reader.ts';
import { KEY_TYPE, readTypedKey, writeTypedKey } from './typed-key.ts';
import { Writer } from './writer.ts';

/** What a Prekey Profile says. */
export interface PrekeyProfileFields {
  readonly ownerTag: InstanceTag;
  /** Milliseconds since the epoch; whole seconds on the wire. */
  readonly expiresAt: number;
  /** D, 57 bytes. */
  readonly sharedPrekey: Uint8Array;
}

/** A Prekey Profile as it arrived: well-formed, nothing in it verified, D not checked to be a point. */
export interface PrekeyProfile extends PrekeyProfileFields {
  /** 114 bytes. */
  readonly signature: Uint8Array;
  /** What `signature` covers: everything before it. */
  readonly signed: Uint8Array;
  /** All of it, exactly as it arrived. */
  readonly raw: Uint8Array;
}

/**
 * Reads one Prekey Profile of 185 bytes, and leaves the reader behind it.
 *
 *     owner INT | expiration 8 | type 0x0011 little-endian | D POINT | signature 114
 *
 * @throws {OtrError} on any deviation
 * @see OTRv4 "Prekey Profile Data Type"
 */
export function readPrekeyProfile(read: Reader): PrekeyProfile {
  const start = read.position;
  const ownerTag = validateInstanceTag(
    read.int('prekey-profile.owner-tag'),
    'prekey-profile.owner-tag',
  );
  const expiresAt = readExpiration(read, 'prekey-profile.expiration');
  const sharedPrekey = readTypedKey(read, KEY_TYPE.sharedPrekey, 'prekey-profile.shared-prekey');
  const signed = read.span(start, read.position);
  const signature = read.fixed(SIGNATURE_LENGTH, 'prekey-profile.signature');
  const raw = read.span(start, read.position);
  return { ownerTag, expiresAt, sharedPrekey, signature, signed, raw };
}

/** A profile that stands alone. @throws {OtrError} on any deviation, including trailing bytes */
export function decodePrekeyProfile(bytes: Uint8Array): PrekeyProfile {
  const read = new Reader(bytes);
  const profile = readPrekeyProfile(read);
  read.end('prekey-profile');
  return profile;
}

/**
 * What the signature of a Prekey Profile covers.
 * @see OTRv4 "Create a Prekey Profile Signature"
 */
export function encodePrekeyProfileFields(fields: PrekeyProfileFields): Uint8Array {
  const write = writeExpiration(new Writer().int(fields.ownerTag), fields.expiresAt);
  return writeTypedKey(write, KEY_TYPE.sharedPrekey, fields.sharedPrekey).finish();
}

/** @param fields of {@link encodePrekeyProfileFields}. @param signature 114 bytes over `fields` */
export function encodePrekeyProfile(fields: Uint8Array, signature: Uint8Array): Uint8Array {
  return new Writer().bytes(fields).bytes(signature).finish();
}
