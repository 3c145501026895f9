// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Secret } from '#otr';
import type { CountCommand, PublishCommand, RawEnsemble } from '#otr';
import type {
  DatabaseAnswer,
  DatabaseCall,
  DatabaseReply,
  DatabaseStart,
  DatabaseTask,
} from './sqlite-worker.ts';
import type { PrekeyStorage, TakeOrder } from './storage.ts';

/** The database did not do it, or nobody knows whether it did. */
export class DatabaseFailed extends Error {
  override readonly name = 'DatabaseFailed';
}

interface Open {
  readonly resolve: (answer: DatabaseAnswer) => void;
  readonly reject: (cause: DatabaseFailed) => void;
}

/** Whoever waits for the disk holds up nobody who does not: the database has a thread of its own. */
export class SqliteThread implements PrekeyStorage {
  readonly #path: string;
  readonly #key: Secret | undefined;
  readonly #spawn: (start: DatabaseStart) => Worker;
  readonly #open = new Map<number, Open>();
  #worker: Promise<Worker> | undefined;
  #tasks = 0;

  private constructor(path: string, key: Uint8Array | undefined, spawn: typeof startThread) {
    this.#path = path;
    this.#spawn = spawn;
    this.#key = key && Secret.own(key.slice(), key.length);
  }

  /**
   * @param key 32 bytes, lent; undefined for a file in clear
   * @throws what SQLite says, when the file cannot be opened
   */
  static async open(path: string, key?: Uint8Array, spawn = startThread): Promise<SqliteThread> {
    const thread = new SqliteThread(path, key, spawn);
    await thread.#seated();
    return thread;
  }

  async publish(command: PublishCommand, nowMs: number): Promise<'stored' | 'refused'> {
    const answer = await this.#ask({ tag: 'publish', command, nowMs });
    if (answer.tag !== 'publish') throw new DatabaseFailed();
    return answer.outcome;
  }

  async count(command: CountCommand): Promise<number> {
    const answer = await this.#ask({ tag: 'count', command });
    if (answer.tag !== 'count') throw new DatabaseFailed();
    return answer.n;
  }

  async take(order: TakeOrder, nowMs: number): Promise<readonly RawEnsemble[]> {
    const answer = await this.#ask({ tag: 'take', order, nowMs });
    if (answer.tag !== 'take') throw new DatabaseFailed();
    return answer.taken;
  }

  async sweep(nowMs: number): Promise<number> {
    const answer = await this.#ask({ tag: 'sweep', nowMs });
    if (answer.tag !== 'sweep') throw new DatabaseFailed();
    return answer.rows;
  }

  async close(): Promise<void> {
    const worker = await this.#seated();
    const gone = once(worker, 'exit');
    await this.#ask({ tag: 'close' });
    await gone;
    this.#key?.wipe();
  }

  async #ask(call: DatabaseCall): Promise<DatabaseAnswer> {
    const worker = await this.#seated();
    const { promise, resolve, reject } = Promise.withResolvers<DatabaseAnswer>();
    this.#tasks += 1;
    this.#open.set(this.#tasks, { resolve, reject });
    worker.postMessage({ task: this.#tasks, call } satisfies DatabaseTask);
    return promise;
  }

  /** Whoever sat there may have died: then somebody new opens the file. */
  #seated(): Promise<Worker> {
    this.#worker ??= this.#seat();
    return this.#worker;
  }

  #seat(): Promise<Worker> {
    // The copy that the thread gets is wiped by it, this one by us.
    const start: DatabaseStart = { path: this.#path, key: this.#key?.lend((key) => key.slice()) };
    const worker = this.#spawn(start);
    start.key?.fill(0);
    const opened = Promise.withResolvers<Worker>();
    worker.on('message', ({ task, answer }: DatabaseReply) => {
      if (answer.tag === 'open') opened.resolve(worker);
      this.#open.get(task)?.resolve(answer);
      this.#open.delete(task);
    });
    worker.on('error', opened.reject);
    worker.once('exit', () => {
      opened.reject(new DatabaseFailed());
      this.#worker = undefined;
      for (const { reject } of this.#open.values()) reject(new DatabaseFailed());
      this.#open.clear();
    });
    return opened.promise;
  }
}

/** Beside us, in the language that we are in: sources run as they are, a bundle has it next to itself. */
export function startThread(start: DatabaseStart): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(isSource ? './sqlite-worker.ts' : './sqlite-worker.js', import.meta.url);
  return new Worker(file, { workerData: start, name: 'sqlite' });
}
