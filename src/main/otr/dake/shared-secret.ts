// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive DAKE Overview": K and the SSID.

import type { DhKeyPair, DhPower, DhPublic } from '../crypto/dh3072.ts';
import { ecdh } from '../crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import { deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';
import { agreeBraceKey } from '../ratchet/brace-key.ts';
import { mixSecrets } from '../ratchet/root-key.ts';
import type { MixedSecret } from '../ratchet/root-key.ts';

/** Names a session: 8 bytes, equal on both ends exactly when nobody sits between them. */
export type Ssid = Secret<8>;

export interface OurKeys {
  readonly ecdh: EcdhKeyPair;
  readonly dh: DhKeyPair;
}

/**
 * K, the secret of an interactive key exchange.
 * @param ours stays with the caller, who wipes it next
 * @see OTRv4 "Interactive DAKE Overview"
 */
export function agreeSecret(
  ours: OurKeys,
  theirEcdh: EcdhPublic,
  theirDh: DhPublic,
  by: DhPower = {},
): { readonly mixed: MixedSecret; readonly ssid: Ssid } {
  using ecdhSecret = ecdh(ours.ecdh.secret, theirEcdh);
  using braceKey = agreeBraceKey(ours.dh.secret, theirDh, by);
  const mixed = mixSecrets(ecdhSecret, braceKey);
  return { mixed, ssid: deriveSecret(USAGE.ssid, [mixed], 8) };
}
