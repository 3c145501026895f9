// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Auth-I Message": the third message of the interactive DAKE, on the wire.

import type { InstanceTag } from '../bytes.ts';
import { RING_SIGNATURE_LENGTH } from '../crypto/ring-signature.ts';
import { MESSAGE_TYPE, readAddressedHeader, writeHeader } from './header.ts';
import { Reader } from './reader.ts';

/** An Auth-I message as it arrived: well-formed, its signature not verified yet. */
export interface AuthIMessage {
  readonly senderTag: InstanceTag;
  readonly receiverTag: InstanceTag;
  /** 342 bytes. */
  readonly sigma: Uint8Array;
}

/**
 *     0x0004 | 0x37 | sender INT | receiver INT | sigma RING-SIG
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "Auth-I Message"
 */
export function decodeAuthI(bytes: Uint8Array): AuthIMessage {
  const read = new Reader(bytes);
  const header = readAddressedHeader(read, MESSAGE_TYPE.authI);
  const sigma = read.fixed(RING_SIGNATURE_LENGTH, 'sigma');
  read.end('auth-i');
  return { ...header, sigma };
}

/** @see OTRv4 "Auth-I Message" */
export function encodeAuthI({ senderTag, receiverTag, sigma }: AuthIMessage): Uint8Array {
  return writeHeader({ type: MESSAGE_TYPE.authI, senderTag, receiverTag }).bytes(sigma).finish();
}
