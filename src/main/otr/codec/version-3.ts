// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Protocol Events": messages of version 3, told apart so that they can be left alone.

import { validateInstanceTag, validateReceiverTag } from './instance-tag.ts';
import type { InstanceTag } from '../bytes.ts';
import type { ReceiverTag } from './instance-tag.ts';
import { Reader } from './reader.ts';

export type Version3Kind =
  'dh-commit' | 'dh-key' | 'reveal-signature' | 'signature' | 'data' | 'fragment' | 'unknown';

/** What a message of version 3 says in the clear. Nothing more of it is read. */
export interface Version3Message {
  readonly message: Version3Kind;
  readonly senderTag: InstanceTag;
  readonly receiverTag: ReceiverTag;
}

const VERSION_3 = 0x0003;

const KINDS = new Map<number, Version3Kind>([
  [0x02, 'dh-commit'],
  [0x03, 'data'],
  [0x0a, 'dh-key'],
  [0x11, 'reveal-signature'],
  [0x12, 'signature'],
]);

/** Two hexadecimal fields, where version 4 has three. */
const FRAGMENT = /^\?OTR\|([0-9a-f]{1,8})\|([0-9a-f]{1,8}),\d{1,5},\d{1,5},/i;

/**
 *     0x0003 | type BYTE | sender INT | receiver INT
 *
 * @returns undefined when `bytes` are of another version
 * @throws {OtrError} `bad-tag`, `truncated`
 */
export function peekVersion3(bytes: Uint8Array): Version3Message | undefined {
  const read = new Reader(bytes);
  if (read.short('version') !== VERSION_3) return undefined;
  const message = KINDS.get(read.byte('type')) ?? 'unknown';
  return { message, ...validateTags(read.int('sender-tag'), read.int('receiver-tag')) };
}

/**
 *     "?OTR|" sender "|" receiver "," index "," total "," piece ","
 *
 * @returns undefined when `text` is no fragment of version 3
 * @throws {OtrError} `bad-tag`
 */
export function peekVersion3Fragment(text: string): Version3Message | undefined {
  const match = FRAGMENT.exec(text);
  if (match === null) return undefined;
  const [, sender = '', receiver = ''] = match;
  const tags = validateTags(Number.parseInt(sender, 16), Number.parseInt(receiver, 16));
  return { message: 'fragment', ...tags };
}

function validateTags(sender: number, receiver: number): Omit<Version3Message, 'message'> {
  return {
    senderTag: validateInstanceTag(sender, 'sender-tag'),
    receiverTag: validateReceiverTag(receiver, 'receiver-tag'),
  };
}
