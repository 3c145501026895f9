// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Publishing Prekey Ensembles": what of ours was published together, and is kept for a while.

import { decodeClientProfile } from '../codec/client-profile.ts';
import { decodePrekeyProfile } from '../codec/prekey-profile.ts';
import { validateClientProfile } from './client-profile.ts';
import type { ValidClientProfile } from './client-profile.ts';
import type { Seed } from './long-term-key.ts';
import { keptUntil, openSharedPrekey, validatePrekeyProfile } from './prekey-profile.ts';
import type { SharedPrekey, ValidPrekeyProfile } from './prekey-profile.ts';

/** Profiles of ours that were published together, and the secret of the shared prekey. */
export interface Publication {
  readonly profile: ValidClientProfile;
  readonly prekeyProfile: ValidPrekeyProfile;
  readonly sharedPrekey: SharedPrekey;
}

/** A publication as it is stored. */
export interface StoredPublication {
  readonly clientProfile: Uint8Array;
  readonly prekeyProfile: Uint8Array;
  /** Of the shared prekey; taken over. */
  readonly seed: Seed;
}

/**
 * A publication of ours as it was stored. That it has expired since then does not matter here.
 * @throws {OtrError} when it is not what was stored
 */
export function openPublication(stored: StoredPublication): Publication {
  const client = decodeClientProfile(stored.clientProfile);
  const prekey = decodePrekeyProfile(stored.prekeyProfile);
  const inForce = Math.min(client.expiresAt, prekey.expiresAt) - 1;
  const profile = validateClientProfile(client, client.ownerTag, inForce);
  const { publicKey, ownerTag } = profile;
  return {
    profile,
    prekeyProfile: validatePrekeyProfile(prekey, publicKey, ownerTag, inForce),
    sharedPrekey: openSharedPrekey(stored.seed),
  };
}

/** Until when a publication may be used locally; then it is to be erased with its secret. ms since the epoch. */
export function publicationKeptUntil({ profile, prekeyProfile }: Publication): number {
  return Math.min(keptUntil(profile), keptUntil(prekeyProfile));
}
