// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import type { IRawProperty, Parameters } from 'fast-check';

const RUNS = 24;
const SEED = 4;

/**
 * fast-check as a mutation run takes it in place of the real one (vitest.mutants.config.ts): the
 * same few inputs each time and no search for the smallest, since all that matters is red or green.
 */
function assert<Ts>(property: IRawProperty<Ts>, params?: Parameters<Ts>): void | Promise<void> {
  const numRuns = Math.min(params?.numRuns ?? RUNS, RUNS);
  return fc.assert(property, { ...params, numRuns, seed: SEED, endOnFailure: true });
}

export default { ...fc, assert };
