// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import type { Env } from '#otr/env.ts';
import type { Clock } from '#main/conversation/ports.ts';

const START_MS = 1_767_225_600_000;

interface Timer {
  readonly dueAt: number;
  readonly call: () => void;
}

/** A clock that only moves when it is told to, and calls back on the way. */
export class FakeClock implements Clock {
  #elapsedMs = 1000;
  #wallMs = START_MS;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#wallMs + this.#elapsedMs;
  readonly monotonicNow = (): number => this.#elapsedMs;
  readonly after = (delayMs: number, call: () => void): (() => void) => {
    const timer = { dueAt: this.#elapsedMs + delayMs, call };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  /** Somebody sets the clock on the wall: no time passes by that. */
  setWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Moves on to the next timer that is due within `ms`, or by all of it. */
  step(ms: number): { readonly fired: boolean; readonly leftMs: number } {
    const until = this.#elapsedMs + ms;
    const [next] = [...this.#timers]
      .filter(({ dueAt }) => dueAt <= until)
      .toSorted((a, b) => a.dueAt - b.dueAt);
    if (next === undefined) {
      this.#elapsedMs = until;
      return { fired: false, leftMs: 0 };
    }
    this.#timers.delete(next);
    this.#elapsedMs = Math.max(this.#elapsedMs, next.dueAt);
    next.call();
    return { fired: true, leftMs: until - this.#elapsedMs };
  }

  get pending(): number {
    return this.#timers.size;
  }
}

/** The engine's world on this clock, with real randomness. */
export const envOn = (clock: FakeClock): Env => ({
  random: (length) => new Uint8Array(randomBytes(length)),
  nowMs: clock.now,
  monotonicMs: clock.monotonicNow,
});
