// SPDX-License-Identifier: GPL-3.0-or-later
import { encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import type { PrekeyPair } from '#otr/profile/prekey-message.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';

import { knownParty } from './known-parties.ts';
import { KNOWN_EXPIRATION_MS, labelledEnv } from './labelled-random.ts';

export const KNOWN_PREKEY_ID = 0x01020304;

/** The prekey secrets of the known answers. Fresh objects: a test may wipe them. */
export function knownPrekeyPair(): PrekeyPair {
  return {
    id: KNOWN_PREKEY_ID,
    ecdh: generateEcdh(labelledEnv('bob/prekey_y')),
    dh: generateDh(labelledEnv('bob/prekey_b')),
  };
}

/** What Bob of the known answers published. */
export function knownPublication() {
  const bob = knownParty('bob');
  const sharedPrekey = createLongTermKey(labelledEnv('bob/sym_d'));
  const owner = { ownerTag: bob.tag, longTermKey: bob.longTermKey, mode: 'standalone' } as const;
  const prekeyProfile = signPrekeyProfile(owner, sharedPrekey.public, KNOWN_EXPIRATION_MS);
  const pair = knownPrekeyPair();
  const prekeyMessage = encodePrekeyMessage({
    id: pair.id,
    ownerTag: bob.tag,
    ecdhPublic: pair.ecdh.public,
    dhPublic: pair.dh.public,
  });
  return { bob, sharedPrekey, prekeyProfile, prekeyMessage };
}
