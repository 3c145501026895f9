// SPDX-License-Identifier: GPL-3.0-or-later

/** RFC 3454, table C.1.2: spaces other than U+0020, which SASLprep maps to it. */
const OTHER_SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;
/** RFC 3454, table B.1: characters that SASLprep drops. */
const MAPPED_TO_NOTHING =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

/**
 * The mapping and normalising part of SASLprep (RFC 4013, sections 2.1 and 2.2). Prohibited characters
 * are left for the server to refuse.
 */
export function prepareName(text: string): string {
  return text.replace(OTHER_SPACES, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
}

/** The same for a password in UTF-8. Returns a buffer of its own, which the caller wipes. */
export function preparePassword(password: Uint8Array): Uint8Array {
  if (isAscii(password)) return Uint8Array.from(password);
  return new TextEncoder().encode(prepareName(new TextDecoder().decode(password)));
}
