// SPDX-License-Identifier: GPL-3.0-or-later
import { expect } from 'vitest';
import type { Seen } from './fake-wire.ts';
import type { Pair, Stage } from './two-services.ts';

/** Everything the network saw in which these words stand. */
export const leftInClear = (stage: Stage, words: string): readonly Seen[] =>
  stage.network.seen.filter(({ body }) => body.includes(words));

/** No turn failed behind anybody's back. */
export function expectSilence({ alice, bob }: Pair): void {
  expect([...alice.party.failures, ...bob.party.failures]).toEqual([]);
}
