// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Secret Information": x and y, what is really compared.

import { encodeData, encodeUtf8 } from '../bytes.ts';
import type { Fingerprint } from '../bytes.ts';
import { pruneAndRetire, SCALAR_LENGTH } from '../crypto/ed448.ts';
import type { SecretScalar } from '../crypto/ed448.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';

const SMP_VERSION = 1;

/** The conversation a comparison belongs to: the same words elsewhere compare as different. */
export interface SmpContext {
  readonly ourFingerprint: Fingerprint;
  readonly theirFingerprint: Fingerprint;
  /** 8 bytes. */
  readonly ssid: Uint8Array;
}

/** Who asked: sent SMP message 1. */
export type SmpRole = 'asker' | 'answerer';

/**
 * A secret as two people are likely to type it alike: Unicode NFC, without blanks around it.
 * Upper and lower case stay different.
 */
export function normaliseSecret(typed: string): string {
  return typed.normalize('NFC').trim();
}

/**
 * x or y: what is really compared.
 *
 *     prune(HWC(0x19 || 0x01 || initiator fingerprint || responder fingerprint || SSID
 *               || DATA(secret UTF-8), 57))
 *
 * @param typed normalised here
 * @see OTRv4 "Secret Information"
 */
export function deriveComparedSecret(
  typed: string,
  role: SmpRole,
  { ourFingerprint, theirFingerprint, ssid }: SmpContext,
): SecretScalar {
  const secret = encodeData(encodeUtf8(normaliseSecret(typed)));
  const [initiator, responder] =
    role === 'asker' ? [ourFingerprint, theirFingerprint] : [theirFingerprint, ourFingerprint];
  try {
    const parts = [Uint8Array.of(SMP_VERSION), initiator, responder, ssid, secret];
    return pruneAndRetire(kdf(USAGE.smpSecret, parts, SCALAR_LENGTH));
  } finally {
    secret.fill(0);
  }
}
