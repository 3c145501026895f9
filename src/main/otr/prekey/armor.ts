// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Encoded Messages": base64 ".", without the prefix of OTRv4.

import { formatBase64, parseBase64 } from '../codec/base64.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

const SUFFIX = '.';

export function formatPrekeyArmor(bytes: Uint8Array): string {
  return `${formatBase64(bytes)}${SUFFIX}`;
}

/**
 * The bytes of an encoded message.
 *
 * @param text with nothing around it
 * @throws {OtrError} `bad-armor`, `too-large`
 */
export function parsePrekeyArmor(text: string): Uint8Array {
  if (text.length > LIMITS.prekeyBodyChars) throw new OtrError('too-large', 'armor');
  if (!text.endsWith(SUFFIX)) throw new OtrError('bad-armor', 'armor');
  const bytes = parseBase64(text.slice(0, -SUFFIX.length));
  if (bytes.length > LIMITS.prekeyMessageBytes) throw new OtrError('too-large', 'armor');
  return bytes;
}
