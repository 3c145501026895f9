// SPDX-License-Identifier: GPL-3.0-or-later
import { formatArmor } from '#otr/codec/armor.ts';
import { Writer } from '#otr/codec/writer.ts';

import { identityOf } from './two-parties.ts';

const TAG_BASE = '\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09\x20\x09\x20\x20';
const TAG_VERSIONS = {
  '3': '\x20\x20\x09\x09\x20\x20\x09\x09',
  '4': '\x20\x20\x09\x09\x20\x09\x20\x20',
} as const;

/** A whitespace tag, spelt out as in the specification. */
export function whitespaceTag(...versions: readonly ('3' | '4')[]): string {
  return TAG_BASE + versions.map((version) => TAG_VERSIONS[version]).join('');
}

/** Types of OTRv3 messages. */
export const VERSION_3_TYPES = {
  'D-H Commit': 0x02,
  data: 0x03,
  'D-H Key': 0x0a,
  'Reveal Signature': 0x11,
  Signature: 0x12,
} as const;

/** The head of a version 3 message from Bob to Alice, and something behind it. */
export function version3(
  type: keyof typeof VERSION_3_TYPES,
  receiverTag: number = identityOf('alice').profile.ownerTag,
  senderTag: number = identityOf('bob').profile.ownerTag,
): string {
  const head = new Writer().short(3).byte(VERSION_3_TYPES[type]).int(senderTag).int(receiverTag);
  return formatArmor(head.bytes(new Uint8Array(64)).finish());
}

/** The same of version 4, whatever it is worth. */
export function version4(type: number, content = new Uint8Array(900)): string {
  const head = new Writer()
    .short(4)
    .byte(type)
    .int(identityOf('bob').profile.ownerTag)
    .int(identityOf('alice').profile.ownerTag);
  return formatArmor(head.bytes(content).finish());
}
