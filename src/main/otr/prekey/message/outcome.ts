// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Success Message", "Failure Message": two messages of one shape.

import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { PREKEY_MAC_LENGTH, PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** Whether the server did what it was asked. Well-formed, its MAC not compared yet. */
export interface OutcomeMessage {
  readonly receiverTag: InstanceTag;
  /** 64 bytes. */
  readonly mac: Uint8Array;
}

/**
 *     0x0004 | 0x06 | receiver INT | MAC 64
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeSuccess(bytes: Uint8Array): OutcomeMessage {
  return decodeOutcome(bytes, PREKEY_TYPE.success);
}

export function encodeSuccess(message: OutcomeMessage): Uint8Array {
  return encodeOutcome(message, PREKEY_TYPE.success);
}

/**
 *     0x0004 | 0x05 | receiver INT | MAC 64
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeFailure(bytes: Uint8Array): OutcomeMessage {
  return decodeOutcome(bytes, PREKEY_TYPE.failure);
}

export function encodeFailure(message: OutcomeMessage): Uint8Array {
  return encodeOutcome(message, PREKEY_TYPE.failure);
}

function decodeOutcome(bytes: Uint8Array, type: number): OutcomeMessage {
  const read = new Reader(bytes);
  const receiverTag = readTaggedHeader(read, type);
  const mac = read.fixed(PREKEY_MAC_LENGTH, 'mac');
  read.end('outcome');
  return { receiverTag, mac };
}

function encodeOutcome({ receiverTag, mac }: OutcomeMessage, type: number): Uint8Array {
  return writeTaggedHeader(type, receiverTag).bytes(mac).finish();
}
