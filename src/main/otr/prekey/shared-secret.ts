// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Generating Shared Secrets": SK, and the two keys that come from it.

import { ecdhWithCofactor } from '../crypto/ed448.ts';
import type { EcdhPublic, SecretScalar } from '../crypto/ed448.ts';
import type { Secret } from '../crypto/secret.ts';
import { derivePrekeySecret, PREKEY_USAGE } from './kdf.ts';

/** SK: what only the two ends of one exchange know. */
export type PrekeySecret = Secret<64>;

/** prekey_mac_k: authenticates what is said in one exchange. */
export type PrekeyMacKey = Secret<64>;

/** m: binds proofs to one exchange, so that they cannot be replayed in another. */
export type ProofContext = Secret<64>;

/**
 * SK = KDF(usage_SK, ECDH(ours, theirs), 64)
 *
 * @param ours stays with the caller, who wipes it next
 * @throws {OtrError} `bad-shared-secret`
 * @see Prekey Server "Generating Shared Secrets"
 */
export function agreePrekeySecret(ours: SecretScalar, theirs: EcdhPublic): PrekeySecret {
  using shared = ecdhWithCofactor(ours, theirs);
  return derivePrekeySecret(PREKEY_USAGE.sharedSecret, [shared], 64);
}

/** prekey_mac_k = KDF(usage_preMAC_key, SK, 64) */
export function derivePrekeyMacKey(secret: PrekeySecret): PrekeyMacKey {
  return derivePrekeySecret(PREKEY_USAGE.macKey, [secret], 64);
}

/** m = KDF(usage_proof_context, SK, 64) */
export function deriveProofContext(secret: PrekeySecret): ProofContext {
  return derivePrekeySecret(PREKEY_USAGE.proofContext, [secret], 64);
}
