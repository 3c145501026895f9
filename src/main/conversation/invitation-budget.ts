// SPDX-License-Identifier: GPL-3.0-or-later

/** Looking at an invitation costs work, whether or not it is answered: three at once, then one in ten seconds. */
const BURST = 3;
const INTERVAL_MS = 10_000;

/**
 * @param paidUntil what the last call returned, on the same clock
 * @returns until when the budget is spent now; undefined: there is nothing left to spend
 */
export function spend(paidUntil: number | undefined, nowMs: number): number | undefined {
  const next = Math.max(paidUntil ?? nowMs, nowMs) + INTERVAL_MS;
  return next > nowMs + BURST * INTERVAL_MS ? undefined : next;
}
