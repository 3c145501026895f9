// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawEnsemble } from '#otr';
import { type DatedOrder, TakesTogether } from '#prekey-server/storage/takes-together.ts';
import { order } from './commands.ts';

const accountsOf = (orders: readonly DatedOrder[]): readonly string[] =>
  orders.map((dated) => dated.order.identity);

/** Answers with the account that was asked for. */
function ensembleOf({ order: { identity } }: DatedOrder): RawEnsemble {
  const body = new TextEncoder().encode(identity);
  return { clientProfile: body, prekeyProfile: body, prekeyMessage: body };
}

describe('takes that come at the same moment', () => {
  it('pks:T-16 share transactions of 32 at most, no account twice in one, each with its own answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { minLength: 1, maxLength: 150 }), async (asked) => {
        const batches: (readonly DatedOrder[])[] = [];
        const takes = new TakesTogether((orders) => {
          batches.push(orders);
          return Promise.resolve(orders.map((one) => [ensembleOf(one)]));
        });
        const accounts = asked.map((n) => `account${String(n)}@z.example`);
        const given = await Promise.all(accounts.map((jid) => takes.take(order(jid), 1)));
        const answers = given
          .flat()
          .map(({ prekeyMessage }) => new TextDecoder().decode(prekeyMessage));
        expect(answers).toEqual(accounts);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(32);
          expect(new Set(accountsOf(batch)).size).toBe(batch.length);
        }
        const counts = [...Map.groupBy(accounts, (jid) => jid).values()].map(
          ({ length }) => length,
        );
        expect(batches.length).toBeLessThanOrEqual(
          Math.max(...counts) + Math.ceil(asked.length / 32),
        );
      }),
    );
  });

  it('all hear of a transaction that failed, and the next are not held up by it', async () => {
    let failures = 1;
    const takes = new TakesTogether((orders) => {
      failures -= 1;
      return failures < 0
        ? Promise.resolve(orders.map((one) => [ensembleOf(one)]))
        : Promise.reject(new Error('no disk'));
    });
    const lost = [1, 2].map((n) => takes.take(order(`account${String(n)}@z.example`), 1));
    const outcomes = await Promise.allSettled(lost);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(takes.take(order(), 1)).resolves.toHaveLength(1);
  });
});
