// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Retrieving Prekey Ensembles": which devices of a correspondent are written to.

import type { Fingerprint, InstanceTag } from '../../bytes.ts';
import { equalBytes } from '../../crypto/constant-time.ts';
import { ensembleExpiresAt } from '../../profile/ensemble.ts';
import type { ValidEnsemble } from '../../profile/ensemble.ts';

/** What the user decided. */
export interface RecipientPolicy {
  /** To all devices, to those whose key is trusted, or to the one whose profiles were made last. */
  readonly to: 'all' | 'trusted' | 'latest';
  readonly trusted: readonly Fingerprint[];
  /** Tags of the devices that the correspondent announces; undefined when no list is known. */
  readonly announced: readonly InstanceTag[] | undefined;
}

export interface Recipients {
  readonly chosen: readonly ValidEnsemble[];
  /** Whether the user must be told that more than one device will get the message. */
  readonly areSeveral: boolean;
  /** Devices that the correspondent does not announce: stale, or the server's own invention. */
  readonly unannounced: readonly InstanceTag[];
}

/** Announced devices go before others, and where there are any the others are left out. */
export function chooseRecipients(
  ensembles: readonly ValidEnsemble[],
  policy: RecipientPolicy,
): Recipients {
  const isAnnounced = ({ ownerTag }: ValidEnsemble): boolean =>
    policy.announced === undefined || policy.announced.includes(ownerTag);
  const announced = ensembles.filter(isAnnounced);
  const unannounced = ensembles.filter((ensemble) => !isAnnounced(ensemble));
  const chosen = applyPolicy(announced.length > 0 ? announced : ensembles, policy);
  return {
    chosen,
    areSeveral: chosen.length > 1,
    unannounced: [...new Set(unannounced.map(({ ownerTag }) => ownerTag))],
  };
}

function applyPolicy(
  ensembles: readonly ValidEnsemble[],
  { to, trusted }: RecipientPolicy,
): readonly ValidEnsemble[] {
  switch (to) {
    case 'all':
      return ensembles;
    case 'trusted':
      return ensembles.filter(({ clientProfile }) =>
        trusted.some((fingerprint) => equalBytes(fingerprint, clientProfile.fingerprint)),
      );
    case 'latest':
      return ensembles
        .toSorted((left, right) => ensembleExpiresAt(right) - ensembleExpiresAt(left))
        .slice(0, 1);
  }
}
