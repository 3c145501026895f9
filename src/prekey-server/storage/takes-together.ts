// SPDX-License-Identifier: GPL-3.0-or-later

import type { RawEnsemble } from '#otr';
import type { TakeOrder } from './storage.ts';

export interface DatedOrder {
  readonly order: TakeOrder;
  readonly nowMs: number;
}

interface Waiting extends DatedOrder {
  readonly resolve: (taken: readonly RawEnsemble[]) => void;
  readonly reject: (cause: unknown) => void;
}

/** A commit that writes more than this keeps others waiting. */
const TAKES_PER_COMMIT = 32;

/** One transaction. It gets no account twice, and answers in the order of the orders. */
export type PerformTakes = (
  orders: readonly DatedOrder[],
) => Promise<readonly (readonly RawEnsemble[])[]>;

/** What comes at the same moment waits for the disk together, and is told apart only when it is safe. */
export class TakesTogether {
  readonly #perform: PerformTakes;
  readonly #isOfOne: (cause: unknown) => boolean;
  #waiting: Waiting[] = [];

  /** @param isOfOne nothing was done, and one order may be to blame: then each is done alone */
  constructor(perform: PerformTakes, isOfOne: (cause: unknown) => boolean = () => false) {
    this.#perform = perform;
    this.#isOfOne = isOfOne;
  }

  take(order: TakeOrder, nowMs: number): Promise<readonly RawEnsemble[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly RawEnsemble[]>();
    if (this.#waiting.length === 0) setImmediate(this.#takeNext);
    this.#waiting.push({ order, nowMs, resolve, reject });
    return promise;
  }

  readonly #takeNext = (): void => {
    const batch = this.#pick();
    if (this.#waiting.length > 0) setImmediate(this.#takeNext);
    this.#do(batch);
  };

  #do(batch: readonly Waiting[]): void {
    this.#perform(batch).then(
      (taken) => {
        for (const [n, { resolve }] of batch.entries()) resolve(taken[n] ?? []);
      },
      (cause: unknown) => {
        if (batch.length > 1 && this.#isOfOne(cause)) for (const one of batch) this.#do([one]);
        else for (const { reject } of batch) reject(cause);
      },
    );
  }

  /** The others stay in their order. */
  #pick(): readonly Waiting[] {
    const accounts = new Set<string>();
    const [batch, rest]: [Waiting[], Waiting[]] = [[], []];
    for (const one of this.#waiting) {
      const { identity } = one.order;
      const isNext = batch.length < TAKES_PER_COMMIT && !accounts.has(identity);
      accounts.add(identity);
      (isNext ? batch : rest).push(one);
    }
    this.#waiting = rest;
    return batch;
  }
}
