// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Storage Information Request Message".

import { Reader } from '../../codec/reader.ts';
import { PREKEY_MAC_LENGTH, PREKEY_TYPE, readPrekeyHeader, writePrekeyHeader } from './header.ts';

/** How many prekey messages of ours are stored? Well-formed, its MAC not compared yet. */
export interface StorageRequest {
  /** 64 bytes. */
  readonly mac: Uint8Array;
}

/**
 *     0x0004 | 0x09 | MAC 64
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeStorageRequest(bytes: Uint8Array): StorageRequest {
  const read = new Reader(bytes);
  readPrekeyHeader(read, PREKEY_TYPE.storageRequest);
  const mac = read.fixed(PREKEY_MAC_LENGTH, 'mac');
  read.end('storage-request');
  return { mac };
}

export function encodeStorageRequest({ mac }: StorageRequest): Uint8Array {
  return writePrekeyHeader(PREKEY_TYPE.storageRequest).bytes(mac).finish();
}
