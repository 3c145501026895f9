// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Encoded Messages": base64, which the prekey protocol writes in the same way.

import { OtrError } from '../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = '=';

/** Standard alphabet, padded. */
export function formatBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    text += at + 1 < bytes.length ? ALPHABET.charAt((group >>> 6) & 63) : PAD;
    text += at + 2 < bytes.length ? ALPHABET.charAt(group & 63) : PAD;
  }
  return text;
}

/**
 * Reads the one spelling {@link formatBase64} writes: no blanks, whole groups, no stray bits.
 * @throws {OtrError} `bad-armor`
 */
export function parseBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new OtrError('bad-armor', 'base64');
  const padding = text.endsWith(PAD + PAD) ? 2 : text.endsWith(PAD) ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let pending = 0;
  let at = 0;
  for (let k = 0; k < digits; k += 1) {
    pending = ((pending << 6) | digitAt(text, k)) & 0xffffff;
    if (k % 4 !== 0) {
      bytes[at] = pending >>> (6 - 2 * (k % 4));
      at += 1;
    }
  }
  const strayBits = padding === 0 ? 0 : pending & (padding === 1 ? 3 : 15);
  if (strayBits !== 0) throw new OtrError('bad-armor', 'base64');
  return bytes;
}

function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2b) return 62;
  if (code === 0x2f) return 63;
  throw new OtrError('bad-armor', 'base64');
}
