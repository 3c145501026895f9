// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Encoded Messages": version, message type and the two instance tags.

import type { InstanceTag } from '../bytes.ts';
import { OtrError } from '../errors.ts';
import { validateInstanceTag, validateReceiverTag } from './instance-tag.ts';
import type { ReceiverTag } from './instance-tag.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const VERSION = 0x0004;

/** @see OTRv4 "Encoded Messages" */
export const MESSAGE_TYPE = {
  data: 0x03,
  nonInteractiveAuth: 0x0d,
  prekey: 0x0f,
  identity: 0x35,
  authR: 0x36,
  authI: 0x37,
} as const;

/** What every encoded message of version 4 begins with. */
export interface Header {
  readonly type: number;
  readonly senderTag: InstanceTag;
  readonly receiverTag: ReceiverTag;
}

/**
 * Reads who a message is from, who it is for and what it claims to be, and nothing else of it.
 *
 *     0x0004 | type BYTE | sender INT | receiver INT
 *
 * @throws {OtrError} `wrong-version`, `bad-tag`, `truncated`
 */
export function peekHeader(bytes: Uint8Array): Header {
  const read = new Reader(bytes);
  if (read.short('version') !== VERSION) throw new OtrError('wrong-version', 'version');
  const type = read.byte('type');
  const senderTag = validateInstanceTag(read.int('sender-tag'), 'sender-tag');
  const receiverTag = validateReceiverTag(read.int('receiver-tag'), 'receiver-tag');
  return { type, senderTag, receiverTag };
}

/** Reads version, the expected type and both tags. Only an Identity message may leave the receiver open. */
export function readHeader(read: Reader, type: number): Omit<Header, 'type'> {
  if (read.short('version') !== VERSION) throw new OtrError('wrong-version', 'version');
  if (read.byte('type') !== type) throw new OtrError('wrong-type', 'type');
  const senderTag = validateInstanceTag(read.int('sender-tag'), 'sender-tag');
  const receiverTag = validateReceiverTag(read.int('receiver-tag'), 'receiver-tag');
  return { senderTag, receiverTag };
}

/** As {@link readHeader}, for messages that always name their receiver. */
export function readAddressedHeader(
  read: Reader,
  type: number,
): { readonly senderTag: InstanceTag; readonly receiverTag: InstanceTag } {
  const { senderTag, receiverTag } = readHeader(read, type);
  return { senderTag, receiverTag: validateInstanceTag(receiverTag, 'receiver-tag') };
}

/** A writer that has written the header. */
export function writeHeader({ type, senderTag, receiverTag }: Header): Writer {
  return new Writer().short(VERSION).byte(type).int(senderTag).int(receiverTag);
}
