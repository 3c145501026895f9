// SPDX-License-Identifier: GPL-3.0-or-later

import { admit, NO_RATES, toBareJid, toDomain } from '#otr';
import type { Rate, RateTable } from '#otr';

export interface DomainLimits {
  readonly queries: Rate;
  readonly exchanges: Rate;
}

/** How much all accounts of one domain may ask together; the engine looks at each account. */
export class DomainRates {
  readonly #limits: DomainLimits;
  #table: RateTable = NO_RATES;

  constructor(limits: DomainLimits) {
    this.#limits = limits;
  }

  /** @param now monotonic clock */
  admitQuery(from: string, now: number): boolean {
    return this.#admit('query', from, this.#limits.queries, now);
  }

  admitExchange(from: string, now: number): boolean {
    return this.#admit('exchange', from, this.#limits.exchanges, now);
  }

  #admit(kind: string, from: string, rate: Rate, now: number): boolean {
    const key = `${kind}|${toDomain(toBareJid(from))}`;
    const next = admit(this.#table, [{ key, rate }], now);
    if (next === undefined) return false;
    this.#table = next;
    return true;
  }
}
