// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import type { Log, StreamFailure } from '../watch/log.ts';
import type { Metrics } from '../watch/metrics.ts';
import { type ComponentAddress, ComponentStream } from './component-stream.ts';
import { streamDelays } from './limits.ts';
import { formatPing } from './outgoing.ts';

export interface ComponentPorts {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Somewhere in [0, 1). */
  readonly chance: () => number;
  /** One stanza; `send` is bound to the stream it came on. */
  readonly element: (element: JXT.XMLElement) => void;
}

/** Stays connected: comes back after every failure, a little later each time. */
export class Component {
  readonly #address: ComponentAddress;
  readonly #ports: ComponentPorts;
  #stream: ComponentStream | undefined;
  #isReady = false;
  #attempt = 0;
  #heardAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended: (() => void) | undefined;

  constructor(address: ComponentAddress, ports: ComponentPorts) {
    this.#address = address;
    this.#ports = ports;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    this.#attempt += 1;
    this.#stream = new ComponentStream(this.#address, {
      ready: () => {
        this.#ready();
      },
      element: this.#ports.element,
      heard: () => {
        this.#heardAt = performance.now();
      },
      down: (reason) => {
        this.#down(reason);
      },
    });
  }

  /** One stanza. False when it could not be sent: it is lost, as on a network. */
  send(xml: string): boolean {
    return this.#stream?.send(xml) ?? false;
  }

  /** Ends for good. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream === undefined) {
      this.#ended = () => undefined;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#ended = () => {
      resolve(undefined);
    };
    stream.end();
    await promise;
  }

  #ready(): void {
    const { log } = this.#ports;
    this.#isReady = true;
    log({ event: 'stream.ready', attempt: this.#attempt });
    this.#attempt = 0;
    this.#watch(streamDelays.idle);
  }

  #down(reason: StreamFailure): void {
    clearTimeout(this.#timer);
    this.#isReady = false;
    this.#stream = undefined;
    if (this.#ended !== undefined) {
      this.#ended();
      return;
    }
    const { log, metrics, chance } = this.#ports;
    const retryInMs = toDelay(this.#attempt, chance());
    log({ event: 'stream.down', reason, attempt: this.#attempt, retryInMs });
    metrics.count('stream_downs', reason);
    this.#timer = setTimeout(() => {
      this.start();
    }, retryInMs);
  }

  /** Notices a line that is open but dead. */
  #watch(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const silentMs = performance.now() - this.#heardAt;
      if (silentMs >= streamDelays.idle) this.#ask();
      else this.#watch(streamDelays.idle - silentMs);
    }, delayMs);
  }

  /** Whatever the server says to it, it lives. */
  #ask(): void {
    const askedAt = performance.now();
    this.send(formatPing(this.#address.jid));
    this.#timer = setTimeout(() => {
      if (this.#heardAt >= askedAt) this.#watch(streamDelays.idle);
      else this.#stream?.drop('timeout');
    }, streamDelays.idleAnswer);
  }
}

/** Doubles up to a minute; half of it by chance, so that components do not come back in step. */
export function toDelay(attempt: number, chance: number): number {
  const { reconnectMin, reconnectMax } = streamDelays;
  const most = Math.min(reconnectMax, reconnectMin * 2 ** Math.min(attempt, 10));
  return Math.round(most / 2 + (most / 2) * chance);
}
