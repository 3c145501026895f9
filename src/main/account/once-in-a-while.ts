// SPDX-License-Identifier: GPL-3.0-or-later

import type { Clock } from './ports.ts';

/** Does at once what is asked for, but not again within the pause: then once more at its end. */
export class OnceInAWhile {
  readonly #after: Clock['after'];
  readonly #pauseMs: number;
  readonly #work: () => void;
  #resting = false;
  #again = false;
  #cancel = (): void => undefined;

  constructor(after: Clock['after'], pauseMs: number, work: () => void) {
    this.#after = after;
    this.#pauseMs = pauseMs;
    this.#work = work;
  }

  ask(): void {
    if (this.#resting) {
      this.#again = true;
      return;
    }
    this.#resting = true;
    this.#cancel = this.#after(this.#pauseMs, () => {
      this.#resting = false;
      if (!this.#again) return;
      this.#again = false;
      this.ask();
    });
    this.#work();
  }

  /** What was still to be done is not done any more. */
  stop(): void {
    this.#cancel();
  }
}
