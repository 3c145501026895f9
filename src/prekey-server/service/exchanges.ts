// SPDX-License-Identifier: GPL-3.0-or-later

import type { Worker } from 'node:worker_threads';
import type { CountCommand, PublishCommand, ServerIgnoredWhy, Unavailable } from '#otr';
import { serviceLimits } from './limits.ts';
import { WorkerGone, WorkerSeat } from './worker-seat.ts';

/** What the store said, or that it said nothing. */
export type StoreAnswer = 'stored' | 'refused' | Unavailable | number;
export type AskStore = (command: PublishCommand | CountCommand) => Promise<StoreAnswer>;

export interface ExchangeResult {
  readonly bodies: readonly string[];
  readonly ignored: ServerIgnoredWhy | 'busy' | 'worker-gone' | undefined;
}

const nothing = (ignored: ExchangeResult['ignored']): ExchangeResult => ({ bodies: [], ignored });

/** Key exchanges, each account's in the worker that it belongs to. */
export class Exchanges {
  readonly #seats: readonly WorkerSeat[];
  readonly #askStore: AskStore;
  readonly #perAccount = new Map<string, number>();
  #lastTask = 0;

  /** @param spawn starts a worker with `crypto-worker.ts` */
  constructor(
    workers: number,
    spawn: () => Worker,
    askStore: AskStore,
    died: (worker: number) => void,
  ) {
    this.#askStore = askStore;
    this.#seats = Array.from(
      { length: workers },
      (_, worker) =>
        new WorkerSeat(spawn, () => {
          died(worker);
        }),
    );
  }

  /** Messages that wait for a worker. */
  get waiting(): number {
    return this.#seats.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** @param account bare address of `from` */
  async receive(account: string, from: string, body: string): Promise<ExchangeResult> {
    const open = this.#perAccount.get(account) ?? 0;
    const isFull = this.waiting >= serviceLimits.exchangesWaiting;
    if (isFull || open >= serviceLimits.exchangesPerAccount) return nothing('busy');
    this.#perAccount.set(account, open + 1);
    try {
      const seat = this.#seatOf(account);
      return await seat.inTurn(() => this.#run(seat, from, body));
    } catch (cause) {
      if (cause instanceof WorkerGone) return nothing('worker-gone');
      throw cause;
    } finally {
      const left = (this.#perAccount.get(account) ?? 1) - 1;
      if (left === 0) this.#perAccount.delete(account);
      else this.#perAccount.set(account, left);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.stop()));
  }

  async #run(seat: WorkerSeat, from: string, body: string): Promise<ExchangeResult> {
    this.#lastTask += 1;
    const task = this.#lastTask;
    const first = await seat.ask({ tag: 'receive', task, from, body });
    if (first.ask === undefined) return first;
    const outcome = await this.#askStore(first.ask);
    return seat.ask({ tag: 'answer', task, outcome });
  }

  #seatOf(account: string): WorkerSeat {
    const seat = this.#seats[spread(account) % this.#seats.length];
    if (seat === undefined) throw new RangeError('no worker');
    return seat;
  }
}

/** FNV-1a: spreads accounts evenly, which is all that is asked of it. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
