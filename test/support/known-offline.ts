// SPDX-License-Identifier: GPL-3.0-or-later
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodeNonInteractiveAuth } from '#otr/codec/non-interactive-auth.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { acceptOffline, beginOffline } from '#otr/dake/non-interactive.ts';
import type { OwnPrekeys } from '#otr/dake/non-interactive.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import type { Env } from '#otr/env.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';

import { knownPrekeyPair, knownPublication } from './known-prekeys.ts';
import { knownContext } from './known-session.ts';
import { KNOWN_NOW_MS, labelledEnv, ringLabels } from './labelled-random.ts';
import { seededEnv } from './seeded-env.ts';

/** What Alice of the known answers retrieved. */
export function knownEnsemble() {
  const { bob, prekeyProfile, prekeyMessage } = knownPublication();
  const ensemble = {
    clientProfile: decodeClientProfile(bob.profile.raw),
    prekeyProfile: decodePrekeyProfile(prekeyProfile.raw),
    prekeyMessage: decodePrekeyMessage(prekeyMessage),
  };
  return validateEnsemble(ensemble, KNOWN_NOW_MS);
}

/** Alice of the known answers writes to Bob while he is away. */
export function knownBeginning() {
  const labels = ['alice/ni_x', 'alice/ni_a', 'alice/ni_ecdh0', 'alice/ni_dh0'];
  const env = labelledEnv(...labels, ...ringLabels('rsig/ni'));
  return beginOffline(knownEnsemble(), knownContext('alice'), env);
}

/** What Bob of the known answers has kept. Fresh secrets: a test may wipe them. */
export function knownPrekeys(): OwnPrekeys {
  const { bob, prekeyProfile, sharedPrekey } = knownPublication();
  const published = [{ profile: bob.profile, prekeyProfile, sharedPrekey }];
  return { pair: knownPrekeyPair(), published };
}

/** Bob, with the message in hand. His blinding is no part of the known answers. */
export function knownAcceptance(
  bytes: Uint8Array,
  prekeys: OwnPrekeys = knownPrekeys(),
  env: Env = seededEnv('known acceptance', KNOWN_NOW_MS),
) {
  const message = decodeNonInteractiveAuth(bytes);
  const theirs = validateOffer(message, seededEnv('dated', KNOWN_NOW_MS));
  return acceptOffline({ message, theirs }, prekeys, knownContext('bob'), env);
}
