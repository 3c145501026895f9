// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Encoded Messages": base64, which the prekey protocol writes in the same way.

import { decodeUtf8, encodeUtf8 } from '../bytes.ts';
import { OtrError } from '../errors.ts';

/** The ASCII code of each digit, and of the padding. */
const ALPHABET = encodeUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const ZERO = 0x41;
/** The digit of each byte of UTF-8; -1 where it is none. */
const DIGITS = Int8Array.from({ length: 256 }, (_, code) => ALPHABET.indexOf(code));

/** Standard alphabet, padded. The digits are collected as ASCII: joining strings is slower. */
export function formatBase64(bytes: Uint8Array): string {
  const digits = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  let to = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    digits[to] = ALPHABET[group >>> 18] ?? 0;
    digits[to + 1] = ALPHABET[(group >>> 12) & 63] ?? 0;
    digits[to + 2] = ALPHABET[(group >>> 6) & 63] ?? 0;
    digits[to + 3] = ALPHABET[group & 63] ?? 0;
    to += 4;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return decodeUtf8(digits.fill(PAD, digits.length - missing));
}

/**
 * Reads the one spelling {@link formatBase64} writes: no blanks, whole groups, no stray bits.
 * @throws {OtrError} `bad-armor`
 */
export function parseBase64(text: string): Uint8Array {
  const codes = encodeUtf8(text);
  if (codes.length % 4 !== 0) throw new OtrError('bad-armor', 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((codes.length / 4) * 3);
  const whole = codes.length - (padding === 0 ? 0 : 4);
  let seen = 0;
  let to = 0;
  for (let at = 0; at < whole; at += 4) {
    const group = groupAt(codes, at);
    seen |= group;
    bytes[to] = group >>> 16;
    bytes[to + 1] = group >>> 8;
    bytes[to + 2] = group;
    to += 3;
  }
  if (seen < 0) throw new OtrError('bad-armor', 'base64');
  if (padding === 0) return bytes;
  parseLast(codes.subarray(whole, -padding), bytes.subarray(to));
  return bytes.slice(0, -padding);
}

/** Four digits as 24 bits; negative when one of them is none. */
function groupAt(codes: Uint8Array, at: number): number {
  return (
    (digitAt(codes, at) << 18) |
    (digitAt(codes, at + 1) << 12) |
    (digitAt(codes, at + 2) << 6) |
    digitAt(codes, at + 3)
  );
}

/** The group that ends in padding: two digits are a byte, three are two. */
function parseLast(codes: Uint8Array, to: Uint8Array): void {
  const group = groupAt(Uint8Array.of(...codes, ZERO, ZERO), 0);
  const strayBits = group & (codes.length === 2 ? 0xffff : 0xff);
  if (group < 0 || strayBits !== 0) throw new OtrError('bad-armor', 'base64');
  to[0] = group >>> 16;
  to[1] = group >>> 8;
}

/** What the character at `at` stands for; -1 for those outside the alphabet. */
function digitAt(codes: Uint8Array, at: number): number {
  return DIGITS[codes[at] ?? 0] ?? -1;
}
