// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Non-Interactive DAKE Overview": tmp_k, and what either end derives from it.

import { kdf, deriveSecret, USAGE } from '../crypto/kdf.ts';
import type { Secret } from '../crypto/secret.ts';
import type { BraceKey } from '../ratchet/brace-key.ts';
import type { MixedSecret } from '../ratchet/root-key.ts';
import type { Ssid } from './shared-secret.ts';

const AUTH_MAC_LENGTH = 64;

/** The three products of the retriever's x, or of its X: with Y, with D and with H of the publisher. */
export interface OfflineProducts {
  readonly withPrekey: Secret<57>;
  readonly withSharedPrekey: Secret<57>;
  readonly withLongTermKey: Secret<57>;
}

export type TemporaryKey = Secret<64>;

/**
 * tmp_k = KDF(tmp_key, K_ecdh || ECDH(x, D_b) || ECDH(x, H_b) || brace_key, 64)
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function deriveTemporaryKey(products: OfflineProducts, braceKey: BraceKey): TemporaryKey {
  const { withPrekey, withSharedPrekey, withLongTermKey } = products;
  return deriveSecret(USAGE.tmpKey, [withPrekey, withSharedPrekey, withLongTermKey, braceKey], 64);
}

/**
 * K = KDF(shared_secret, tmp_k, 64), SSID = HWC(SSID, K, 8)
 * @see OTRv4 "Non-Interactive DAKE Overview"
 */
export function deriveSession(temporary: TemporaryKey): {
  readonly mixed: MixedSecret;
  readonly ssid: Ssid;
} {
  const mixed = deriveSecret(USAGE.sharedSecret, [temporary], 64);
  return { mixed, ssid: deriveSecret(USAGE.ssid, [mixed], 8) };
}

/**
 * auth_mac_k = KDF(auth_MAC_key, tmp_k, 64)
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function deriveAuthMacKey(temporary: TemporaryKey): Secret<64> {
  return deriveSecret(USAGE.authMacKey, [temporary], 64);
}

/**
 * Auth MAC = HCMAC(auth_MAC, auth_mac_k || t, 64)
 * @see OTRv4 "Non-Interactive DAKE Overview"
 */
export function makeAuthMac(temporary: TemporaryKey, t: Uint8Array): Uint8Array {
  using authMacKey = deriveAuthMacKey(temporary);
  return kdf(USAGE.authMac, [authMacKey, t], AUTH_MAC_LENGTH);
}
