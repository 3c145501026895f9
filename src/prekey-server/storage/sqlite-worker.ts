// SPDX-License-Identifier: GPL-3.0-or-later
// Entry of a worker thread: one SQLite database, open for as long as the thread lives.

import { parentPort, workerData } from 'node:worker_threads';
import type { CountCommand, PublishCommand, RawEnsemble } from '#otr';
import { SqliteStorage } from './sqlite-storage.ts';
import type { TakeOrder } from './storage.ts';

/** What the thread starts with. The key is a copy of its own, and wiped when the file is open. */
export interface DatabaseStart {
  readonly path: string;
  readonly key: Uint8Array | undefined;
}

export type DatabaseCall =
  | { readonly tag: 'publish'; readonly command: PublishCommand; readonly nowMs: number }
  | { readonly tag: 'count'; readonly command: CountCommand }
  | { readonly tag: 'take'; readonly order: TakeOrder; readonly nowMs: number }
  | { readonly tag: 'sweep'; readonly nowMs: number }
  | { readonly tag: 'close' };

export interface DatabaseTask {
  readonly task: number;
  readonly call: DatabaseCall;
}

/** `open` comes first, for no task. */
export type DatabaseAnswer =
  | { readonly tag: 'open' }
  | { readonly tag: 'publish'; readonly outcome: 'stored' | 'refused' }
  | { readonly tag: 'count'; readonly n: number }
  | { readonly tag: 'take'; readonly taken: readonly RawEnsemble[] }
  | { readonly tag: 'sweep'; readonly rows: number }
  | { readonly tag: 'close' }
  | { readonly tag: 'failed' };

export interface DatabaseReply {
  readonly task: number;
  readonly answer: DatabaseAnswer;
}

async function perform(storage: SqliteStorage, call: DatabaseCall): Promise<DatabaseAnswer> {
  switch (call.tag) {
    case 'publish':
      return { tag: 'publish', outcome: await storage.publish(call.command, call.nowMs) };
    case 'count':
      return { tag: 'count', n: await storage.count(call.command) };
    case 'take':
      return { tag: 'take', taken: await storage.take(call.order, call.nowMs) };
    case 'sweep':
      return { tag: 'sweep', rows: await storage.sweep(call.nowMs) };
    case 'close':
      await storage.close();
      return { tag: 'close' };
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const { path, key } = workerData as DatabaseStart;
  const storage = SqliteStorage.open(path, key);
  key?.fill(0);
  port.on('message', ({ task, call }: DatabaseTask) => {
    void perform(storage, call)
      .catch((): DatabaseAnswer => ({ tag: 'failed' }))
      .then((answer) => {
        port.postMessage({ task, answer } satisfies DatabaseReply);
        if (answer.tag === 'close') port.close();
      });
  });
  port.postMessage({ task: 0, answer: { tag: 'open' } } satisfies DatabaseReply);
}
