// SPDX-License-Identifier: GPL-3.0-or-later

import { expect, test } from 'vitest';
import { KeepAlive } from '#main/xmpp/keep-alive.ts';
import type { Clock } from '#main/xmpp/ports.ts';

/** A clock that goes only when told to. */
class ManualClock implements Clock {
  #now = 0;
  #calls: { readonly at: number; readonly call: () => void }[] = [];

  now = (): number => this.#now;

  after = (delayMs: number, call: () => void): (() => void) => {
    const entry = { at: this.#now + delayMs, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  };

  go(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#calls.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#calls = this.#calls.filter((other) => other !== due);
      this.#now = due.at;
      due.call();
    }
    this.#now = until;
  }
}

function setUp() {
  const clock = new ManualClock();
  const calls: string[] = [];
  const keepAlive = new KeepAlive(clock, {
    probe: () => calls.push('probe'),
    dead: () => calls.push('dead'),
  });
  keepAlive.start();
  return { clock, calls, keepAlive };
}

test('sec:F-NET-1 silence is questioned after 30 s and is death after 15 more', () => {
  const { clock, calls } = setUp();
  clock.go(29_999);
  expect(calls).toEqual([]);
  clock.go(1);
  expect(calls).toEqual(['probe']);
  clock.go(14_999);
  expect(calls).toEqual(['probe']);
  clock.go(1);
  expect(calls).toEqual(['probe', 'dead']);
  clock.go(1_000_000);
  expect(calls).toEqual(['probe', 'dead']);
});

test('any word from the server is life', () => {
  const { clock, calls, keepAlive } = setUp();
  clock.go(20_000);
  keepAlive.heard();
  clock.go(29_999);
  expect(calls).toEqual([]);
  clock.go(1);
  expect(calls).toEqual(['probe']);
  clock.go(5_000);
  keepAlive.heard();
  clock.go(30_000);
  expect(calls).not.toContain('dead');
});

test('nothing happens after the end', () => {
  const { clock, calls, keepAlive } = setUp();
  keepAlive.stop();
  clock.go(1_000_000);
  expect(calls).toEqual([]);
});
