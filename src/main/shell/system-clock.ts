// SPDX-License-Identifier: GPL-3.0-or-later

/** Time as the system has it, and its timers. */
export const systemClock = {
  now: (): number => Date.now(),
  monotonicNow: (): number => performance.now(),
  after: (delayMs: number, call: () => void): (() => void) => {
    const timer = setTimeout(call, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
