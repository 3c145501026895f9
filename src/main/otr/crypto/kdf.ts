// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Key Derivation Function, Hash Function and MAC Function": SHAKE-256 with a usage.

import { Secret } from './secret.ts';
import type { SecretOrBytes } from './secret.ts';
import { shake256 } from './shake256.ts';

/** "OTRv4" */
export const OTRV4_DOMAIN = Uint8Array.of(0x4f, 0x54, 0x52, 0x76, 0x34);

/** @see OTRv4 "Key Derivation Function, Hash Function and MAC Function" */
export const USAGE = {
  fingerprint: 0x00,
  thirdBraceKey: 0x01,
  braceKey: 0x02,
  sharedSecret: 0x03,
  ssid: 0x04,
  authRBobClientProfile: 0x05,
  authRAliceClientProfile: 0x06,
  authRPhi: 0x07,
  authIBobClientProfile: 0x08,
  authIAliceClientProfile: 0x09,
  authIPhi: 0x0a,
  firstRootKey: 0x0b,
  tmpKey: 0x0c,
  authMacKey: 0x0d,
  nonIntAuthBobClientProfile: 0x0e,
  nonIntAuthAliceClientProfile: 0x0f,
  nonIntAuthPhi: 0x10,
  authMac: 0x11,
  rootKey: 0x12,
  chainKey: 0x13,
  nextChainKey: 0x14,
  messageKey: 0x15,
  macKey: 0x16,
  extraSymmKey: 0x17,
  authenticator: 0x18,
  smpSecret: 0x19,
  auth: 0x1a,
} as const;

/**
 * KDF, HWC and HCMAC of OTRv4: three names for one function.
 *
 *     kdf(usage, values, size) = SHAKE-256("OTRv4" || usage || values..., size)
 *
 * @param usage  one byte that keeps outputs of different purposes apart. SMP proofs and the extra
 *               symmetric keys use bare numbers that collide with the names above; the
 *               specification accepts that
 * @param values concatenated as given. Lengths are NOT encoded: every value but the last must have
 *               a length fixed by its usage, or two inputs could collide
 * @param size   output length in bytes
 * @returns a fresh array owned by the caller
 * @see OTRv4 "Key Derivation Function, Hash Function and MAC Function"
 */
export function kdf(usage: number, values: readonly SecretOrBytes[], size: number): Uint8Array {
  return kdfIn({ domain: OTRV4_DOMAIN, usage }, values, size);
}

/** What keeps one hash apart from all others: the protocol it belongs to, and its purpose there. */
export interface HashUse {
  /** ASCII, without a terminator. */
  readonly domain: Uint8Array;
  /** One byte. */
  readonly usage: number;
}

/** {@link kdf} of another protocol: SHAKE-256(domain || usage || values..., size). */
export function kdfIn(
  { domain, usage }: HashUse,
  values: readonly SecretOrBytes[],
  size: number,
): Uint8Array {
  if (!Number.isInteger(usage) || usage < 0 || usage > 0xff) throw new RangeError('usage byte');
  return shake256([domain, Uint8Array.of(usage), ...values], size);
}

/** {@link kdf} whose output is key material. */
export function deriveSecret<L extends number>(
  usage: number,
  values: readonly SecretOrBytes[],
  size: L,
): Secret<L> {
  return Secret.own(kdf(usage, values, size), size);
}

/**
 * Bare SHAKE-256, without the OTRv4 prefix. Only for what RFC 8032 defines, for pruned random
 * values and for comparing two Identity messages.
 *
 * @param size output length in bytes
 * @see OTRv4 "Considerations while working with elliptic curve parameters"
 */
export function shake(bytes: Uint8Array, size: number): Uint8Array {
  return shake256([bytes], size);
}
