// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, expect } from 'vitest';
import type { Seen } from './fake-wire.ts';
import type { Pair, Stage } from './two-services.ts';

/** Everything the network saw in which these words stand. */
export const leftInClear = (stage: Stage, words: string): readonly Seen[] =>
  stage.network.seen.filter(({ body }) => body.includes(words));

/** No turn failed behind anybody's back. */
export function expectSilence({ alice, bob }: Pair): void {
  expect([...alice.party.failures, ...bob.party.failures]).toEqual([]);
}

/** Makes a pair for a test; when the test is over the pair goes, and nothing has failed unheard. */
export function useStage(): (make: () => Promise<Pair>) => Promise<Pair> {
  let open: Pair | undefined;
  afterEach(() => {
    if (open !== undefined) expectSilence(open);
    open?.stage.close();
    open = undefined;
  });
  return async (make) => (open = await make());
}
