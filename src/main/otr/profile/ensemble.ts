// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Validating Prekey Ensembles", "Receiving Prekey Ensembles".

import { concat } from '../bytes.ts';
import type { InstanceTag } from '../bytes.ts';
import type { ClientProfile } from '../codec/client-profile.ts';
import type { PrekeyMessage } from '../codec/prekey-message.ts';
import type { PrekeyProfile } from '../codec/prekey-profile.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { OtrError, tryRead } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { validateClientProfile } from './client-profile.ts';
import type { Transitional, ValidClientProfile } from './client-profile.ts';
import { validatePrekeyMessage } from './prekey-message.ts';
import type { ValidPrekeyMessage } from './prekey-message.ts';
import { validatePrekeyProfile } from './prekey-profile.ts';
import type { ValidPrekeyProfile } from './prekey-profile.ts';

/** What a server hands out for one client of a correspondent: read, nothing of it verified. */
export interface Ensemble {
  readonly clientProfile: ClientProfile;
  readonly prekeyProfile: PrekeyProfile;
  readonly prekeyMessage: PrekeyMessage;
}

/**
 * Three parts that belong together, each of them sound. Whose they are only the fingerprint says:
 * nothing in them names an address. Good for one Non-Interactive-Auth message.
 */
export interface ValidEnsemble {
  readonly ownerTag: InstanceTag;
  readonly clientProfile: ValidClientProfile;
  readonly prekeyProfile: ValidPrekeyProfile;
  readonly prekeyMessage: ValidPrekeyMessage;
}

/**
 * Decides whether an ensemble may be used. The version of the prekey message is 4, or it would not
 * have been read, and a valid profile lists 4: two rules of the specification that hold already.
 *
 * @param nowMs        wall clock
 * @param transitional `verify` in the mode that knows version 3, and in no other
 * @throws {OtrError} naming the rule that was broken
 * @see OTRv4 "Validating Prekey Ensembles"
 */
export function validateEnsemble(
  ensemble: Ensemble,
  nowMs: number,
  transitional: Transitional = 'pass-over',
): ValidEnsemble {
  const { ownerTag } = ensemble.clientProfile;
  const tags = [ensemble.prekeyProfile.ownerTag, ensemble.prekeyMessage.ownerTag];
  if (tags.some((tag) => tag !== ownerTag)) throw new OtrError('bad-tag', 'ensemble');
  const clientProfile = validateClientProfile(
    ensemble.clientProfile,
    ownerTag,
    nowMs,
    transitional,
  );
  const { publicKey } = clientProfile;
  return {
    ownerTag,
    clientProfile,
    prekeyProfile: validatePrekeyProfile(ensemble.prekeyProfile, publicKey, ownerTag, nowMs),
    prekeyMessage: validatePrekeyMessage(ensemble.prekeyMessage, ownerTag),
  };
}

/** Until when an ensemble may be used: as long as both of its profiles. ms since the epoch. */
export function ensembleExpiresAt(ensemble: ValidEnsemble): number {
  return Math.min(ensemble.clientProfile.expiresAt, ensemble.prekeyProfile.expiresAt);
}

/**
 * Of everything a server sent, one ensemble for each client and long-term key: duplicates, invalid
 * ones and those of our own client are dropped, and of those that are left for one client and key
 * the one that expires last is taken. Which of them is written to is the user's policy.
 *
 * Two different ensembles for one client and key can only come from a server that keeps or repeats
 * old ones. ADR 009 of the specification would use neither; the newer ADR 012 takes the later. The
 * server gains nothing by it: it could have sent either of the two alone. Keys are kept apart, so
 * that an ensemble with a stranger's key never displaces one with the key that is known.
 *
 * @param at.nowMs        wall clock
 * @param at.ourTag       of the client that asks
 * @param at.transitional as for {@link validateEnsemble}
 * @returns in the order in which each client and key was met first
 * @see OTRv4 "Receiving Prekey Ensembles"
 */
export function chooseEnsembles(
  ensembles: readonly Ensemble[],
  at: {
    readonly nowMs: number;
    readonly ourTag: InstanceTag;
    readonly transitional?: Transitional;
  },
): readonly ValidEnsemble[] {
  const foreign = ensembles.filter(({ clientProfile }) => clientProfile.ownerTag !== at.ourTag);
  return withoutDuplicates(foreign)
    .slice(0, LIMITS.ensembles)
    .map((ensemble) => tryRead(() => validateEnsemble(ensemble, at.nowMs, at.transitional)))
    .filter((ensemble) => ensemble !== undefined)
    .reduce<readonly ValidEnsemble[]>(keepLatest, []);
}

function withoutDuplicates(ensembles: readonly Ensemble[]): readonly Ensemble[] {
  const seen: Uint8Array[] = [];
  return ensembles.filter((ensemble) => {
    const bytes = toBytes(ensemble);
    if (seen.some((other) => equalBytes(other, bytes))) return false;
    seen.push(bytes);
    return true;
  });
}

/** The lengths inside keep the parts apart. */
function toBytes({ clientProfile, prekeyProfile, prekeyMessage }: Ensemble): Uint8Array {
  return concat(clientProfile.raw, prekeyProfile.raw, prekeyMessage.raw);
}

function keepLatest(
  chosen: readonly ValidEnsemble[],
  ensemble: ValidEnsemble,
): readonly ValidEnsemble[] {
  const known = chosen.find((other) => isOfSameKey(other, ensemble));
  if (known === undefined) return [...chosen, ensemble];
  return ensembleExpiresAt(ensemble) > ensembleExpiresAt(known)
    ? chosen.map((other) => (other === known ? ensemble : other))
    : chosen;
}

function isOfSameKey(left: ValidEnsemble, right: ValidEnsemble): boolean {
  const [one, other] = [left.clientProfile.fingerprint, right.clientProfile.fingerprint];
  return left.ownerTag === right.ownerTag && equalBytes(one, other);
}
