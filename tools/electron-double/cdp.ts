// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.d.ts';

export type { Protocol };
export type Method = keyof Protocol.CommandParameters;
export type EventName = keyof Protocol.Events;

interface Pending {
  readonly method: string;
  readonly settle: (reply: Reply) => void;
}
interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}
interface Incoming extends Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
}
type Listener = (params: never) => void;
/** Standard streams, then the two pipes of the protocol: ours to it, and back. */
type Pipes = readonly [null, null, Readable, Writable, Readable];

export interface CdpOptions {
  readonly binary: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly onStderrLine: (line: string) => void;
}

/** The DevTools protocol over Chromium's own pipes: no port, and Chromium ends with us. */
export class Cdp {
  readonly process: ChildProcess;
  readonly #out: Writable;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #ended = Promise.withResolvers<undefined>();
  #nextId = 1;
  #closed = false;

  constructor({ binary, args, environment, onStderrLine }: CdpOptions) {
    this.process = spawn(binary, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const [, , stderr, out, incoming] = this.process.stdio as unknown as Pipes;
    this.#out = out;
    this.#out.on('error', () => undefined);
    splitBy(stderr, 0x0a, (line) => {
      onStderrLine(line.toString());
    });
    splitBy(incoming, 0x00, (message) => {
      this.#receive(JSON.parse(message.toString()) as Incoming);
    });
    this.process.on('error', () => {
      this.#end();
    });
    this.process.on('exit', () => {
      this.#end();
    });
  }

  /** Resolves when Chromium is gone, for whatever reason. */
  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  get closed(): boolean {
    return this.#closed;
  }

  send<M extends Method>(
    method: M,
    params?: Protocol.CommandParameters[M],
    sessionId?: string,
  ): Promise<Protocol.CommandReturnValues[M]> {
    if (this.#closed) return Promise.reject(new Error(`${method}: Chromium has gone`));
    const id = this.#nextId++;
    this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply): void => {
        if (reply.error) reject(new Error(`${method}: ${reply.error.message}`));
        else resolve(reply.result as Protocol.CommandReturnValues[M]);
      };
      this.#pending.set(id, { method, settle });
    });
  }

  on<E extends EventName>(
    event: E,
    listener: (params: Protocol.Events[E]) => void,
    sessionId = '',
  ): () => void {
    const key = `${sessionId} ${event}`;
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #receive(message: Incoming): void {
    if (message.id !== undefined) {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      pending?.settle(message);
      return;
    }
    const key = `${message.sessionId ?? ''} ${String(message.method)}`;
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener(message.params as never);
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { settle } of this.#pending.values()) {
      settle({ error: { message: 'Chromium has gone' } });
    }
    this.#pending.clear();
    this.#ended.resolve(undefined);
  }
}

function splitBy(stream: Readable, separator: number, onPart: (part: Buffer) => void): void {
  let rest: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    let start = 0;
    for (
      let end = chunk.indexOf(separator, start);
      end >= 0;
      end = chunk.indexOf(separator, start)
    ) {
      onPart(Buffer.concat([...rest, chunk.subarray(start, end)]));
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  });
}
