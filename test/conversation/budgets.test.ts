// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INVITATIONS, spend } from '#main/conversation/budgets.ts';

/** How many of these moments are let through. */
function admitted(moments: readonly number[]): number {
  let paidUntil: number | undefined;
  let count = 0;
  for (const now of moments) {
    const next = spend(INVITATIONS, paidUntil, now);
    if (next === undefined) continue;
    paidUntil = next;
    count += 1;
  }
  return count;
}

describe('the budget for invitations', () => {
  it('sec:F-FLOOD-2 lets three through at once, then one in ten seconds', () => {
    expect(admitted(Array.from({ length: 1000 }, () => 0))).toBe(3);
    expect(admitted([0, 0, 0, 0, 10_000, 10_000, 20_000, 29_999])).toBe(5);
  });

  it('sec:F-FLOOD-2 never lets more through than time has paid for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { maxLength: 200 }), (moments) => {
        const sorted = moments.toSorted((a, b) => a - b);
        const [first = 0] = sorted;
        const last = sorted.at(-1) ?? 0;
        return admitted(sorted) <= 3 + (last - first) / 10_000;
      }),
    );
  });
});
