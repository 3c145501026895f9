// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Retrieving Prekey Ensembles": ensembles that were fetched and not used yet.

import { LIMITS } from '../../limits.ts';
import { ensembleExpiresAt } from '../../profile/ensemble.ts';
import type { ValidEnsemble } from '../../profile/ensemble.ts';

/** Whose, says the server. */
export interface SpareEnsemble {
  readonly identity: string;
  readonly ensemble: ValidEnsemble;
}

/** Newest last, bounded: each one fetched again costs its publisher a key. */
export type SpareEnsembles = readonly SpareEnsemble[];

/** Keeps what was not used at once; the oldest make room. */
export function keepSpares(
  spares: SpareEnsembles,
  identity: string,
  ensembles: readonly ValidEnsemble[],
): SpareEnsembles {
  const added = ensembles.map((ensemble) => ({ identity, ensemble }));
  return [...spares, ...added].slice(-LIMITS.spareEnsembles);
}

/**
 * Takes all ensembles of `identity` that are still in force, and drops those that are not: an
 * ensemble serves once.
 *
 * @param nowMs wall clock
 */
export function takeSpares(
  spares: SpareEnsembles,
  identity: string,
  nowMs: number,
): { readonly next: SpareEnsembles; readonly taken: readonly ValidEnsemble[] } {
  const inForce = spares.filter(({ ensemble }) => ensembleExpiresAt(ensemble) > nowMs);
  return {
    next: inForce.filter((spare) => spare.identity !== identity),
    taken: inForce.filter((spare) => spare.identity === identity).map(({ ensemble }) => ensemble),
  };
}
