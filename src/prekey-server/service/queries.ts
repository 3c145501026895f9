// SPDX-License-Identifier: GPL-3.0-or-later

import { answerQuery, createPrekeyServer, stepPrekeyServer, toBareJid, toDomain } from '#otr';
import type {
  Env,
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerEffect,
  ServerIgnoredWhy,
} from '#otr';
import { serviceLimits } from './limits.ts';
import type { StoreGuard } from './store-guard.ts';

export interface QueryPorts {
  readonly context: PrekeyServerContext;
  readonly env: Env;
  readonly store: StoreGuard;
  readonly reserve: number;
}

export type QueryAnswer =
  | { readonly tag: 'ignored'; readonly why: ServerIgnoredWhy | 'busy' }
  | { readonly tag: 'rejected' }
  | { readonly tag: 'answered'; readonly bodies: readonly string[]; readonly ensembles: number };

/** Ensemble queries. They need no cryptography, so they wait for no worker, and share one account book. */
export class Queries {
  readonly #ports: QueryPorts;
  #server: PrekeyServer;
  #waiting = 0;

  constructor(ports: QueryPorts) {
    this.#ports = ports;
    this.#server = createPrekeyServer(ports.context);
  }

  /** Queries that wait for the store. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @param request a body that begins as a query does */
  async receive(request: { readonly from: string; readonly body: string }): Promise<QueryAnswer> {
    if (this.#waiting >= serviceLimits.queriesWaiting) return { tag: 'rejected' };
    const { from, body } = request;
    const input = { tag: 'receive', from, body } as const;
    const { next, effects } = stepPrekeyServer(this.#server, input, this.#ports.env);
    this.#server = next;
    const [effect] = effects;
    if (effect?.tag !== 'take') return toAnswer(effects, 0);
    this.#waiting += 1;
    try {
      return await this.#take(effect, from);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #take(
    { command, ticket }: Extract<PrekeyServerEffect, { tag: 'take' }>,
    from: string,
  ): Promise<QueryAnswer> {
    const { context, env, store } = this.#ports;
    const isOwn = context.publisherDomains.includes(toDomain(toBareJid(from)));
    const reserve = isOwn ? 0 : this.#ports.reserve;
    const taken = await store.take({ ...command, reserve }, env.nowMs());
    return toAnswer(answerQuery(ticket, taken), taken === 'unavailable' ? 0 : taken.length);
  }
}

function toAnswer(effects: readonly PrekeyServerEffect[], ensembles: number): QueryAnswer {
  const [effect] = effects;
  if (effect?.tag === 'ignored') return effect;
  if (effect?.tag === 'reject') return { tag: 'rejected' };
  const bodies = effects.flatMap((each) => (each.tag === 'transmit' ? [each.body] : []));
  return { tag: 'answered', bodies, ensembles };
}
