// SPDX-License-Identifier: GPL-3.0-or-later

import type { Worker } from 'node:worker_threads';
import { serviceDelays, serviceLimits } from './limits.ts';
import type { ShardReply, ShardTask } from './shard.ts';

/** The thread that had the task is gone, and what it knew with it. */
export class WorkerGone extends Error {
  override readonly name = 'WorkerGone';
}

interface Open {
  readonly resolve: (reply: ShardReply) => void;
  readonly reject: (cause: WorkerGone) => void;
  readonly late: NodeJS.Timeout;
}

type Waiting = () => void;

/**
 * The place of one worker. Whoever sits there may die and is replaced by a fresh one, which knows
 * nothing of the exchanges that were open: their clients begin again.
 */
export class WorkerSeat {
  readonly #spawn: () => Worker;
  readonly #died: () => void;
  readonly #open = new Map<number, Open>();
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #respawn: NodeJS.Timeout | undefined;
  #bornAt = 0;
  #stopped = false;
  #running = 0;

  constructor(spawn: () => Worker, died: () => void) {
    this.#spawn = spawn;
    this.#died = died;
    this.#seat();
  }

  /** Messages that wait for their turn. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes its turn for a message, which ends when `work` does. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= serviceLimits.tasksPerWorker) {
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#queue.shift()?.();
    }
  }

  /** @throws {WorkerGone} */
  ask(task: ShardTask): Promise<ShardReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ShardReply>();
    const worker = this.#worker;
    if (worker === undefined) {
      reject(new WorkerGone());
      return promise;
    }
    const late = setTimeout(() => {
      void worker.terminate();
    }, serviceDelays.task);
    this.#open.set(task.task, { resolve, reject, late });
    worker.postMessage(task);
    return promise;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#respawn);
    await this.#worker?.terminate();
  }

  #seat(): void {
    const worker = this.#spawn();
    this.#worker = worker;
    this.#bornAt = performance.now();
    worker.on('message', (reply: ShardReply) => {
      const open = this.#open.get(reply.task);
      if (open === undefined) return;
      this.#open.delete(reply.task);
      clearTimeout(open.late);
      open.resolve(reply);
    });
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.#bury();
    });
  }

  #bury(): void {
    this.#worker = undefined;
    for (const { reject, late } of this.#open.values()) {
      clearTimeout(late);
      reject(new WorkerGone());
    }
    this.#open.clear();
    if (this.#stopped) return;
    this.#died();
    const age = performance.now() - this.#bornAt;
    if (age >= serviceDelays.respawn) this.#seat();
    else
      this.#respawn = setTimeout(() => {
        this.#seat();
      }, serviceDelays.respawn);
  }
}
