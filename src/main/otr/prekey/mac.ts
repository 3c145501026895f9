// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange": the MACs under prekey_mac_k.

import { encodeInt } from '../bytes.ts';
import type { InstanceTag } from '../bytes.ts';
import { PREKEY_USAGE, prekeyKdf } from './kdf.ts';
import { PREKEY_MAC_LENGTH, PREKEY_TYPE } from './message/header.ts';
import type { PublicationParts } from './message/publication.ts';
import type { PrekeyMacKey } from './shared-secret.ts';

const byte = (value: number): Uint8Array => Uint8Array.of(value);

function hash(usage: number, bytes: Uint8Array): Uint8Array {
  return prekeyKdf(usage, [bytes], PREKEY_MAC_LENGTH);
}

/** KDF(usage_storage_info_MAC, prekey_mac_k || message type, 64) */
export function macOfStorageRequest(key: PrekeyMacKey): Uint8Array {
  const { storageRequestMac } = PREKEY_USAGE;
  return prekeyKdf(storageRequestMac, [key, byte(PREKEY_TYPE.storageRequest)], PREKEY_MAC_LENGTH);
}

/** KDF(usage_status_MAC, prekey_mac_k || message type || receiver instance tag || count, 64) */
export function macOfStatus(key: PrekeyMacKey, tag: InstanceTag, count: number): Uint8Array {
  return prekeyKdf(
    PREKEY_USAGE.statusMac,
    [key, byte(PREKEY_TYPE.storageStatus), encodeInt(tag), encodeInt(count)],
    PREKEY_MAC_LENGTH,
  );
}

/** KDF(usage_success_MAC, prekey_mac_k || message type || receiver instance tag, 64) */
export function macOfSuccess(key: PrekeyMacKey, tag: InstanceTag): Uint8Array {
  return prekeyKdf(
    PREKEY_USAGE.successMac,
    [key, byte(PREKEY_TYPE.success), encodeInt(tag)],
    PREKEY_MAC_LENGTH,
  );
}

/** KDF(usage_failure_MAC, prekey_mac_k || message type || receiver instance tag, 64) */
export function macOfFailure(key: PrekeyMacKey, tag: InstanceTag): Uint8Array {
  return prekeyKdf(
    PREKEY_USAGE.failureMac,
    [key, byte(PREKEY_TYPE.failure), encodeInt(tag)],
    PREKEY_MAC_LENGTH,
  );
}

/**
 *     KDF(usage_preMAC, prekey_mac_k || message type || N || KDF(usage_prekey_message, Prekey Messages)
 *         || K || [KDF(usage_client_profile, Client Profile)]
 *         || J || [KDF(usage_prekey_profile, Prekey Profile)] || KDF(usage_mac_proofs, Proofs), 64)
 *
 * The hashes of the prekey messages and of the proofs are there even when they are of nothing.
 */
export function macOfPublication(key: PrekeyMacKey, parts: PublicationParts): Uint8Array {
  const { clientProfile, prekeyProfile } = PREKEY_USAGE;
  return prekeyKdf(
    PREKEY_USAGE.publicationMac,
    [
      key,
      byte(PREKEY_TYPE.publication),
      byte(parts.count),
      hash(PREKEY_USAGE.prekeyMessages, parts.prekeyMessages),
      ...hashIfPresent(clientProfile, parts.clientProfile),
      ...hashIfPresent(prekeyProfile, parts.prekeyProfile),
      hash(PREKEY_USAGE.proofs, parts.proofs),
    ],
    PREKEY_MAC_LENGTH,
  );
}

/** Whether it is there, then its hash if it is. */
function hashIfPresent(usage: number, part: Uint8Array | undefined): readonly Uint8Array[] {
  return part === undefined ? [byte(0)] : [byte(1), hash(usage, part)];
}
