// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Prekey Server Forged Conversations": an ensemble that leads to whoever made it.

import { decodePrekeyMessage } from '../codec/prekey-message.ts';
import type { OwnPrekeys } from '../dake/non-interactive.ts';
import type { Env } from '../env.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import { createPrekeyMessage, validatePrekeyMessage } from '../profile/prekey-message.ts';
import { createPrekeyProfile } from '../profile/prekey-profile.ts';

/** Handed out in the place of a genuine ensemble, and what its maker answers with. */
export interface FalseEnsemble {
  readonly ensemble: ValidEnsemble;
  /** For `receive` with the Non-Interactive-Auth message. Whoever is given this owns it. */
  readonly prekeys: OwnPrekeys;
}

/**
 * "False Prekey Ensemble": made by its owner, or somebody with their long-term key, apart from the
 * device that publishes. A prekey server that was asked to gives it to whoever took a device of the
 * other side: what is then written there is read and answered elsewhere.
 *
 * @param profile     as its owner published it
 * @param longTermKey of the same owner; only lent
 * @see OTRv4 "Forging Transcripts", "Prekey Server Forged Conversations"
 */
export function falsePrekeyEnsemble(
  profile: ValidClientProfile,
  longTermKey: LongTermKey,
  env: Env,
): FalseEnsemble {
  const { ownerTag } = profile;
  const owner = { ownerTag, longTermKey, mode: 'standalone' } as const;
  const { profile: prekeyProfile, sharedPrekey } = createPrekeyProfile(owner, env);
  const { pair, raw } = createPrekeyMessage(owner, env);
  const prekeyMessage = validatePrekeyMessage(decodePrekeyMessage(raw), ownerTag);
  return {
    ensemble: { ownerTag, clientProfile: profile, prekeyProfile, prekeyMessage },
    prekeys: { pair, published: [{ profile, prekeyProfile, sharedPrekey }] },
  };
}
