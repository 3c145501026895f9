// SPDX-License-Identifier: GPL-3.0-or-later

import type { CountCommand, PublishCommand, RawEnsemble, Unavailable } from '#otr';
import type { PrekeyStorage, TakeOrder } from '../storage/storage.ts';
import type { Log } from '../watch/log.ts';
import type { Metrics } from '../watch/metrics.ts';

type Operation = 'publish' | 'count' | 'take' | 'sweep';

/** The store as the service sees it: whatever happens inside, it answers. */
export class StoreGuard {
  readonly #storage: PrekeyStorage;
  readonly #ports: { readonly log: Log; readonly metrics: Metrics };
  #isUp = true;

  constructor(storage: PrekeyStorage, ports: { readonly log: Log; readonly metrics: Metrics }) {
    this.#storage = storage;
    this.#ports = ports;
  }

  /** Whether it did what it was asked last. */
  get isUp(): boolean {
    return this.#isUp;
  }

  publish(command: PublishCommand, nowMs: number): Promise<'stored' | 'refused' | Unavailable> {
    return this.#try('publish', () => this.#storage.publish(command, nowMs), 'unavailable');
  }

  count(command: CountCommand): Promise<number | Unavailable> {
    return this.#try('count', () => this.#storage.count(command), 'unavailable');
  }

  take(order: TakeOrder, nowMs: number): Promise<readonly RawEnsemble[] | Unavailable> {
    return this.#try('take', () => this.#storage.take(order, nowMs), 'unavailable');
  }

  async sweep(nowMs: number): Promise<number> {
    const rows = await this.#try('sweep', () => this.#storage.sweep(nowMs), 0);
    if (rows > 0) this.#ports.log({ event: 'swept', rows });
    this.#ports.metrics.count('swept_rows', '', rows);
    return rows;
  }

  async #try<T, U>(during: Operation, work: () => Promise<T>, otherwise: U): Promise<T | U> {
    const { log, metrics } = this.#ports;
    try {
      const result = await work();
      if (!this.#isUp) log({ event: 'store.back' });
      this.#isUp = true;
      return result;
    } catch {
      this.#isUp = false;
      log({ event: 'store.failed', during });
      metrics.count('store_failures', during);
      return otherwise;
    }
  }
}
