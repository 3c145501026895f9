// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints": a key and what it is for.

import { POINT_LENGTH } from '../crypto/ed448.ts';
import { OtrError } from '../errors.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** ED448-PUBKEY, ED448-SHARED-PREKEY and ED448-FORGING-KEY. */
export const KEY_TYPE = { publicKey: 0x0010, sharedPrekey: 0x0011, forgingKey: 0x0012 } as const;

export type KeyType = (typeof KEY_TYPE)[keyof typeof KEY_TYPE];

/**
 * type SHORT little-endian | POINT
 *
 * @returns 57 bytes, not yet checked to be a curve point
 * @throws {OtrError} `bad-key-type`, `truncated`
 */
export function readTypedKey(read: Reader, type: KeyType, field: string): Uint8Array {
  if (read.shortLittleEndian(field) !== type) throw new OtrError('bad-key-type', field);
  return read.fixed(POINT_LENGTH, field);
}

export function writeTypedKey(write: Writer, type: KeyType, key: Uint8Array): Writer {
  return write.shortLittleEndian(type).bytes(key);
}
