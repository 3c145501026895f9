// SPDX-License-Identifier: GPL-3.0-or-later

import { limits, delays } from './limits.ts';
import type { Clock } from './ports.ts';

/** Who asks: somebody whom an answer tells something, or somebody who hears only that nobody is there. */
export type Asker = 'known' | 'stranger';

interface Purse {
  readonly left: number;
  readonly at: number;
}

/**
 * How many questions of others are answered. Without it each question of a flood would cost an answer,
 * and the answers would take the place of what we have to say (security §5.2, F-FLOOD-4).
 */
export class AnswerBudget {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #purses = new Map<Asker, Purse>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Takes one answer out of what is there. False: there is none, and nothing is said. */
  spend(asker: Asker): boolean {
    const now = this.#clock.now();
    const { left, at } = this.#purses.get(asker) ?? { left: limits.answersAtOnce, at: now };
    // A clock that was set back earns nothing.
    const earned = Math.max(0, Math.floor((now - at) / delays.answer));
    const filled = Math.min(limits.answersAtOnce, left + earned);
    const full = filled === limits.answersAtOnce;
    const since = full || now < at ? now : at + earned * delays.answer;
    const spent = filled > 0;
    this.#purses.set(asker, { left: spent ? filled - 1 : 0, at: since });
    return spent;
  }
}
