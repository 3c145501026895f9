// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "DAKE-3 Message": the client signs, and says what it came for.

import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { RING_SIGNATURE_LENGTH } from '../../crypto/ring-signature.ts';
import { LIMITS } from '../../limits.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** A DAKE-3 message as it arrived: well-formed, nothing in it verified yet. */
export interface Dake3Message {
  readonly senderTag: InstanceTag;
  /** 342 bytes. */
  readonly sigma: Uint8Array;
  /** A publication or a storage request, complete with its own header. */
  readonly message: Uint8Array;
}

/**
 *     0x0004 | 0x37 | sender INT | sigma RING-SIG | message DATA
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeDake3(bytes: Uint8Array): Dake3Message {
  const read = new Reader(bytes);
  const senderTag = readTaggedHeader(read, PREKEY_TYPE.dake3);
  const sigma = read.fixed(RING_SIGNATURE_LENGTH, 'sigma');
  const message = read.data(LIMITS.prekeyMessageBytes, 'message');
  read.end('dake-3');
  return { senderTag, sigma, message };
}

export function encodeDake3({ senderTag, sigma, message }: Dake3Message): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.dake3, senderTag).bytes(sigma).data(message).finish();
}
