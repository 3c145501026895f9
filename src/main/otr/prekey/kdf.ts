// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Derivation Functions": the protocol's own domain and purposes.

import { kdfIn } from '../crypto/kdf.ts';
import type { HashUse } from '../crypto/kdf.ts';
import { Secret } from '../crypto/secret.ts';
import type { SecretOrBytes } from '../crypto/secret.ts';

/** "OTR-Prekey-Server" */
const DOMAIN = Uint8Array.of(
  ...[0x4f, 0x54, 0x52, 0x2d, 0x50, 0x72, 0x65, 0x6b, 0x65, 0x79],
  ...[0x2d, 0x53, 0x65, 0x72, 0x76, 0x65, 0x72],
);

/**
 * Purposes of the prekey protocol. 0x00, the fingerprint, belongs to OTRv4's domain.
 * @see Prekey Server "Key Derivation Functions"
 */
export const PREKEY_USAGE = {
  sharedSecret: 0x01,
  initiatorClientProfile: 0x02,
  initiatorCompositeIdentity: 0x03,
  initiatorPhi: 0x04,
  receiverClientProfile: 0x05,
  receiverCompositeIdentity: 0x06,
  receiverPhi: 0x07,
  macKey: 0x08,
  publicationMac: 0x09,
  storageRequestMac: 0x0a,
  statusMac: 0x0b,
  successMac: 0x0c,
  failureMac: 0x0d,
  prekeyMessages: 0x0e,
  clientProfile: 0x0f,
  prekeyProfile: 0x10,
  auth: 0x11,
  proofContext: 0x12,
  proofMessageEcdh: 0x13,
  proofMessageDh: 0x14,
  proofSharedEcdh: 0x15,
  proofs: 0x16,
  proofExpansion: 0x17,
} as const;

/** A purpose as the hashes of `crypto` take it. */
export function prekeyUse(usage: number): HashUse {
  return { domain: DOMAIN, usage };
}

/**
 * KDF(usage, values, size) = SHAKE-256("OTR-Prekey-Server" || usage || values..., size)
 *
 * @param size output length in bytes
 * @returns a fresh array owned by the caller
 */
export function prekeyKdf(
  usage: number,
  values: readonly SecretOrBytes[],
  size: number,
): Uint8Array {
  return kdfIn(prekeyUse(usage), values, size);
}

/** {@link prekeyKdf} whose output is key material. */
export function derivePrekeySecret<L extends number>(
  usage: number,
  values: readonly SecretOrBytes[],
  size: L,
): Secret<L> {
  return Secret.own(prekeyKdf(usage, values, size), size);
}
