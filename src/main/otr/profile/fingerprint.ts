// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints": the name of a key pair.

import { formatHex, parseHex } from '../bytes.ts';
import type { Fingerprint } from '../bytes.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';

export const FINGERPRINT_LENGTH = 56;
const GROUP_DIGITS = 8;
const FORMATTED = /^[0-9a-f]{112}$/i;

/**
 * Names a long-term key and its forging key together: trust is in the pair.
 *
 * @returns 56 bytes
 * @see OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints"
 */
export function deriveFingerprint(publicKey: EcdhPublic, forgingKey: EcdhPublic): Fingerprint {
  return kdf(USAGE.fingerprint, [publicKey, forgingKey], FINGERPRINT_LENGTH) as Fingerprint;
}

/** For people: 14 groups of 8 upper-case hexadecimal digits, with blanks between. */
export function formatFingerprint(fingerprint: Fingerprint): string {
  const hex = formatHex(fingerprint).toUpperCase();
  const groups = hex.length / GROUP_DIGITS;
  return Array.from({ length: groups }, (_, k) =>
    hex.slice(k * GROUP_DIGITS, (k + 1) * GROUP_DIGITS),
  ).join(' ');
}

/** Reads 112 hexadecimal digits of either case, with or without blanks; undefined for anything else. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  return parseFingerprintDigits(text) as Fingerprint | undefined;
}

/** {@link parseFingerprint} of whatever kind of key; 56 bytes. */
export function parseFingerprintDigits(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(' ', '');
  return FORMATTED.test(digits) ? parseHex(digits) : undefined;
}
