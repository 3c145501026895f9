// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Shared Secrets": the brace key, made anew by every third ratchet.

import { dhShared } from '../crypto/dh3072.ts';
import type { DhKeyPair, DhPower, DhPublic } from '../crypto/dh3072.ts';
import { deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';

/** What the 3072-bit group contributes to a ratchet. */
export type BraceKey = Secret<32>;

/** Every third ratchet exchanges DH keys; the two between hash the brace key onward. */
export const DH_RATCHET_INTERVAL = 3;

/** Whether ratchet `id` carries a DH key. */
export function isDhRatchet(id: number): boolean {
  return id % DH_RATCHET_INTERVAL === 0;
}

/**
 * brace_key = KDF(third_brace_key, k_dh, 32)
 * @see OTRv4 "Shared Secrets"
 */
export function agreeBraceKey(
  ours: DhKeyPair['secret'],
  theirs: DhPublic,
  by: DhPower = {},
): BraceKey {
  using shared = dhShared(ours, theirs, by);
  return deriveSecret(USAGE.thirdBraceKey, [shared], 32);
}

/**
 * brace_key = KDF(brace_key, previous, 32)
 * @see OTRv4 "Shared Secrets"
 */
export function nextBraceKey(previous: BraceKey): BraceKey {
  return deriveSecret(USAGE.braceKey, [previous], 32);
}
