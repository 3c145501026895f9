// SPDX-License-Identifier: GPL-3.0-or-later

import type { Worker } from 'node:worker_threads';
import {
  assemblePrekeyBody,
  dropLateFragments,
  NO_FRAGMENT_SENDERS,
  toBareJid,
  toDomain,
} from '#otr';
import type { CountCommand, Env, FragmentTable, PrekeyServerContext, PublishCommand } from '#otr';
import type { PrekeyStorage } from '../storage/storage.ts';
import type { AddressHasher, IgnoredWord, Log } from '../watch/log.ts';
import type { Metrics } from '../watch/metrics.ts';
import { DomainRates, type DomainLimits } from './domain-rates.ts';
import { Exchanges, type StoreAnswer } from './exchanges.ts';
import { Queries } from './queries.ts';
import { StoreGuard } from './store-guard.ts';
import { Turns } from './turns.ts';

export interface ServicePorts {
  readonly context: PrekeyServerContext;
  readonly env: Env;
  readonly storage: PrekeyStorage;
  readonly workers: number;
  readonly spawn: () => Worker;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hasher: AddressHasher;
  readonly reserve: number;
  readonly domainLimits: DomainLimits;
}

/** A message of the stream, already known to be one that may be answered. */
export interface PrekeyRequest {
  /** Full address. */
  readonly from: string;
  readonly body: string;
}

/** What goes back to the sender. */
export interface Replies {
  readonly send: (body: string) => void;
  /** Come again later. */
  readonly reject: () => void;
}

/** The four first characters of an encoded message say of which type it is. */
const QUERY = 'AAQQ';
const EXCHANGE = ['AAQ1', 'AAQ3'] as const;

/** From a body to a reply: fragments, order, limits, then the workers or the store. */
export class PrekeyService {
  readonly #ports: ServicePorts;
  readonly #turns = new Turns();
  readonly #rates: DomainRates;
  readonly #exchanges: Exchanges;
  readonly #queries: Queries;
  readonly #store: StoreGuard;
  #fragments: FragmentTable = NO_FRAGMENT_SENDERS;

  constructor(ports: ServicePorts) {
    const { context, env, log, metrics, storage, workers, spawn } = ports;
    this.#ports = ports;
    this.#store = new StoreGuard(storage, { log, metrics });
    this.#rates = new DomainRates(ports.domainLimits);
    this.#exchanges = new Exchanges(
      workers,
      spawn,
      (command) => this.#askStore(command),
      (worker) => {
        log({ event: 'worker.died', worker });
        metrics.count('worker_deaths');
      },
    );
    this.#queries = new Queries({ context, env, store: this.#store, reserve: ports.reserve });
  }

  get isStoreUp(): boolean {
    return this.#store.isUp;
  }

  /** Messages that wait for a worker, for the store, and senders that have any. */
  get load(): { readonly exchanges: number; readonly queries: number; readonly senders: number } {
    return {
      exchanges: this.#exchanges.waiting,
      queries: this.#queries.waiting,
      senders: this.#turns.senders,
    };
  }

  receive(request: PrekeyRequest, replies: Replies): void {
    const { from } = request;
    const now = this.#ports.env.monotonicMs();
    const assembled = assemblePrekeyBody(this.#fragments, from, request.body, now);
    this.#fragments = assembled.next;
    if (assembled.tag !== 'whole') {
      this.#ignore(from, assembled.tag === 'malformed' ? 'malformed' : 'fragment');
      return;
    }
    const { body } = assembled;
    const kind = kindOf(body);
    if (kind === undefined) {
      this.#ignore(from, 'no-message');
      return;
    }
    const work = kind === 'query' ? this.#query : this.#exchange;
    const whole = { from, body };
    const isTaken = this.#turns.take(whole, () => this.#safely(() => work(whole, replies)));
    if (!isTaken) this.#ignore(from, 'busy');
  }

  /** Forgets what is overdue. */
  tick(): void {
    this.#fragments = dropLateFragments(this.#fragments, this.#ports.env.monotonicMs());
  }

  sweep(): Promise<number> {
    return this.#store.sweep(this.#ports.env.nowMs());
  }

  /** When everything that waits now is done. */
  idle(): Promise<void> {
    return this.#turns.done();
  }

  /** Lets what has begun come to its end, then ends the workers. */
  async stop(): Promise<void> {
    await this.idle();
    await this.#exchanges.stop();
  }

  readonly #query = async (request: PrekeyRequest, replies: Replies): Promise<void> => {
    const { env, metrics } = this.#ports;
    const begunAt = env.monotonicMs();
    if (!this.#rates.admitQuery(request.from, begunAt)) {
      this.#reject(request.from, replies);
      return;
    }
    const answer = await this.#queries.receive(request);
    if (answer.tag === 'ignored') this.#ignore(request.from, answer.why);
    else if (answer.tag === 'rejected') this.#reject(request.from, replies);
    else {
      metrics.count('ensembles', '', answer.ensembles);
      this.#send(answer.bodies, replies);
      metrics.observe('query_seconds', (env.monotonicMs() - begunAt) / 1000);
    }
  };

  readonly #exchange = async ({ from, body }: PrekeyRequest, replies: Replies): Promise<void> => {
    const { env, metrics, context } = this.#ports;
    const begunAt = env.monotonicMs();
    const account = toBareJid(from);
    // Here, before a worker has to be asked: strangers have no key exchanges at all.
    if (!context.publisherDomains.includes(toDomain(account))) {
      this.#ignore(from, 'not-allowed');
      return;
    }
    if (body.startsWith(EXCHANGE[0]) && !this.#rates.admitExchange(account, begunAt)) {
      this.#ignore(from, 'rate-limited');
      return;
    }
    const { bodies, ignored } = await this.#exchanges.receive(account, from, body);
    if (ignored !== undefined) this.#ignore(from, ignored);
    if (bodies.length === 0) return;
    this.#send(bodies, replies);
    metrics.observe('exchange_seconds', (env.monotonicMs() - begunAt) / 1000);
  };

  async #askStore(command: PublishCommand | CountCommand): Promise<StoreAnswer> {
    if (command.tag === 'count') return this.#store.count(command);
    const { log, metrics, hasher, env } = this.#ports;
    const outcome = await this.#store.publish(command, env.nowMs());
    const account = hasher.hash(command.shelf.identity);
    log({ event: 'published', account, stored: outcome === 'stored' });
    metrics.count('publications', outcome);
    return outcome;
  }

  #send(bodies: readonly string[], replies: Replies): void {
    for (const body of bodies) replies.send(body);
    this.#ports.metrics.count('replies', '', bodies.length);
  }

  #reject(from: string, replies: Replies): void {
    const { log, metrics, hasher } = this.#ports;
    metrics.count('rejected');
    log({ event: 'rejected', account: hasher.hash(from) });
    replies.reject();
  }

  #ignore(from: string, why: IgnoredWord): void {
    const { log, metrics, hasher } = this.#ports;
    metrics.count('ignored', why);
    // Fragments that wait for others are nothing unusual.
    if (why !== 'fragment') log({ event: 'ignored', why, account: hasher.hash(from) });
  }

  /** A fault of ours ends one message, not the program. */
  async #safely(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const kind =
        cause instanceof TypeError
          ? 'type-error'
          : cause instanceof RangeError
            ? 'range-error'
            : 'error';
      this.#ports.log({ event: 'failed', kind });
    }
  }
}

function kindOf(body: string): 'query' | 'exchange' | undefined {
  if (body.startsWith(QUERY)) return 'query';
  return EXCHANGE.some((start) => body.startsWith(start)) ? 'exchange' : undefined;
}
