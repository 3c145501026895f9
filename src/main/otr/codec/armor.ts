// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Encoded Messages": "?OTR:" base64 ".", the outer form of every binary message.

import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { formatBase64, parseBase64 } from './base64.ts';

export const ARMOR_PREFIX = '?OTR:';
const ARMOR_SUFFIX = '.';

const MAX_CHARS = ARMOR_PREFIX.length + 4 * Math.ceil(LIMITS.messageBytes / 3) + 1;

/** "?OTR:" base64 "." @see OTRv4 "Encoded Messages" */
export function formatArmor(bytes: Uint8Array): string {
  return `${ARMOR_PREFIX}${formatBase64(bytes)}${ARMOR_SUFFIX}`;
}

/**
 * The bytes of an encoded message.
 *
 * @param text from "?OTR:" to "." with nothing around it
 * @throws {OtrError} `bad-armor`, `too-large`
 */
export function parseArmor(text: string): Uint8Array {
  if (text.length > MAX_CHARS) throw new OtrError('too-large', 'armor');
  if (!text.startsWith(ARMOR_PREFIX) || !text.endsWith(ARMOR_SUFFIX)) {
    throw new OtrError('bad-armor', 'armor');
  }
  const bytes = parseBase64(text.slice(ARMOR_PREFIX.length, -ARMOR_SUFFIX.length));
  if (bytes.length > LIMITS.messageBytes) throw new OtrError('too-large', 'armor');
  return bytes;
}
