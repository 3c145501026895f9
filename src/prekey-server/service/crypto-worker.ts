// SPDX-License-Identifier: GPL-3.0-or-later
// Entry of a worker thread: one shard, for as long as the thread lives.

import { setPriority } from 'node:os';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { openLongTermKey, Secret } from '#otr';
import type { PrekeyServerContext } from '#otr';
import { serviceDelays } from './limits.ts';
import { nodeEnv } from './node-env.ts';
import { Shard, type ShardTask } from './shard.ts';

/** What a worker starts with. The seed is a copy of its own, and wiped with the thread. */
export interface ShardStart extends Omit<PrekeyServerContext, 'longTermKey'> {
  readonly seed: Uint8Array;
}

function open(start: ShardStart): Shard {
  const { seed, ...context } = start;
  const longTermKey = openLongTermKey(Secret.own(Uint8Array.from(seed), 57));
  seed.fill(0);
  return new Shard({ ...context, longTermKey }, nodeEnv);
}

/** Whoever only asks is answered first, where there are more threads than cores. */
const BEHIND_QUERIES = 10;

if (parentPort !== null) {
  const port = parentPort;
  // Linux has a priority for each thread; elsewhere it would be that of the whole program.
  if (process.platform === 'linux') setPriority(BEHIND_QUERIES);
  const shard = open(workerData as ShardStart);
  port.on('message', (task: ShardTask) => {
    port.postMessage(shard.do(task));
  });
  setInterval(() => {
    shard.tick();
  }, serviceDelays.tick).unref();
}
