// SPDX-License-Identifier: GPL-3.0-or-later

import type { Turn } from './turn.ts';

/** So many at once, then one in each interval. */
interface Budget {
  readonly burst: number;
  readonly intervalMs: number;
}

/** Looking at an invitation costs work, whether or not it is answered. */
export const INVITATIONS: Budget = { burst: 3, intervalMs: 10_000 };
/** A line may break at any time, and in the midst of a renewal: the next one mends that too. */
export const RENEWALS: Budget = { burst: 3, intervalMs: 300_000 };

/**
 * @param paidUntil what the last call returned, on the same clock
 * @returns until when the budget is spent now; undefined: there is nothing left to spend
 */
export function spend(
  { burst, intervalMs }: Budget,
  paidUntil: number | undefined,
  nowMs: number,
): number | undefined {
  const next = Math.max(paidUntil ?? nowMs, nowMs) + intervalMs;
  return next > nowMs + burst * intervalMs ? undefined : next;
}

/** Takes one from the budget of this name in the chat, where there is one left. @returns whether there was */
export function spendOne(turn: Turn, budget: Budget, name: string, nowMs: number): boolean {
  const next = spend(budget, turn.chat.quiet.get(name), nowMs);
  if (next === undefined) return false;
  turn.set({ quiet: new Map(turn.chat.quiet).set(name, next) });
  return true;
}
