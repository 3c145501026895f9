// SPDX-License-Identifier: GPL-3.0-or-later

import { delays } from './limits.ts';
import type { Clock } from './ports.ts';

export interface KeepAliveHooks {
  /** Makes the server say something. */
  readonly probe: () => void;
  readonly dead: () => void;
}

/**
 * Notices a line that is open but dead, as after a sleep or behind a forgetful router: TCP alone would
 * take minutes or hours.
 */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #hooks: KeepAliveHooks;
  #heardAt = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, hooks: KeepAliveHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  start(): void {
    this.heard();
    this.#watch(delays.keepAlive);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  #watch(delayMs: number): void {
    this.stop();
    this.#cancel = this.#clock.after(delayMs, () => {
      const silentMs = this.#clock.now() - this.#heardAt;
      if (silentMs >= delays.keepAlive) this.#ask();
      else this.#watch(delays.keepAlive - silentMs);
    });
  }

  #ask(): void {
    const askedAt = this.#clock.now();
    this.#hooks.probe();
    this.#cancel = this.#clock.after(delays.keepAliveAnswer, () => {
      if (this.#heardAt >= askedAt) this.#watch(delays.keepAlive);
      else this.#hooks.dead();
    });
  }
}
