// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Deriving Double Ratchet Keys": root keys and chain keys.

import { deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';
import type { BraceKey } from './brace-key.ts';
import type { ChainKey } from './chain.ts';

/** K: mixes an ECDH secret with a brace key, so that breaking one of the two groups is not enough. */
export type MixedSecret = Secret<64>;
export type RootKey = Secret<64>;

/**
 * K = KDF(shared_secret, K_ecdh || brace_key, 64)
 * @see OTRv4 "Shared Secrets"
 */
export function mixSecrets(ecdhSecret: Secret<57>, braceKey: BraceKey): MixedSecret {
  return deriveSecret(USAGE.sharedSecret, [ecdhSecret, braceKey], 64);
}

/**
 * The root key before the first ratchet of an interactive key exchange.
 * @see OTRv4 "Interactive DAKE Overview"
 */
export function deriveFirstRootKey(mixed: MixedSecret): RootKey {
  return deriveSecret(USAGE.firstRootKey, [mixed], 64);
}

/**
 * One ratchet: the next root key and the chain key that goes with it. Both come from the previous
 * root key; deriving the chain key from the new one is a known mistake.
 *
 * @see OTRv4 "Deriving Double Ratchet Keys"
 */
export function deriveRatchetKeys(
  previous: RootKey,
  mixed: MixedSecret,
): { readonly rootKey: RootKey; readonly chainKey: ChainKey } {
  return {
    rootKey: deriveSecret(USAGE.rootKey, [previous, mixed], 64),
    chainKey: deriveSecret(USAGE.chainKey, [previous, mixed], 64),
  };
}
