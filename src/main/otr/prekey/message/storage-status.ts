// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Storage Status Message".

import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { PREKEY_MAC_LENGTH, PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** How many prekey messages are stored, says the server. Its MAC not compared yet. */
export interface StorageStatus {
  readonly receiverTag: InstanceTag;
  readonly count: number;
  /** 64 bytes. */
  readonly mac: Uint8Array;
}

/**
 *     0x0004 | 0x0B | receiver INT | count INT | MAC 64
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeStorageStatus(bytes: Uint8Array): StorageStatus {
  const read = new Reader(bytes);
  const receiverTag = readTaggedHeader(read, PREKEY_TYPE.storageStatus);
  const count = read.int('count');
  const mac = read.fixed(PREKEY_MAC_LENGTH, 'mac');
  read.end('storage-status');
  return { receiverTag, count, mac };
}

export function encodeStorageStatus({ receiverTag, count, mac }: StorageStatus): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.storageStatus, receiverTag).int(count).bytes(mac).finish();
}
