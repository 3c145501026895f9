// SPDX-License-Identifier: GPL-3.0-or-later

import type { World } from './ports.ts';

/**
 * One thing after the other, in the order asked for. Each conversation has its own, so steps of
 * one never interleave and nobody waits for somebody else's flood.
 */
export class TurnQueue {
  readonly #defer: World['defer'];
  readonly #waiting: (() => void)[] = [];
  #scheduled = false;

  constructor(defer: World['defer']) {
    this.#defer = defer;
  }

  /** Nothing waits behind the turn that is being taken. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Rejects with what `work` throws; those behind it are served all the same. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (cause) {
          reject(cause instanceof Error ? cause : new TypeError('not an error was thrown'));
        }
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    this.#defer(() => {
      this.#scheduled = false;
      this.#waiting.shift()?.();
      this.#schedule();
    });
  }
}
