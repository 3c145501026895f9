// SPDX-License-Identifier: GPL-3.0-or-later
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Argon2idJob } from './argon2id-worker.ts';
import { type DeriveKey, KEY_LENGTH } from './kdf.ts';

/**
 * Argon2id in a worker thread, one for each derivation. `spawn` starts `argon2id-worker.ts`; how
 * that is done differs between a bundle (`?nodeWorker`) and plain Node.
 */
export function createArgon2id(spawn: () => Worker): DeriveKey {
  return async (passphrase, params) => {
    const worker = spawn();
    try {
      const job: Argon2idJob = { passphrase: Uint8Array.from(passphrase), params };
      // `once` rejects with the worker's own error, if it has one.
      const answer = Promise.race([
        once(worker, 'message'),
        once(worker, 'exit').then(() => {
          throw new TypeError('the derivation ended without an answer');
        }),
      ]);
      worker.postMessage(job, [job.passphrase.buffer as ArrayBuffer]);
      const [key] = (await answer) as readonly unknown[];
      if (!(key instanceof Uint8Array) || key.length !== KEY_LENGTH) {
        throw new TypeError('the derivation gave no key');
      }
      return key;
    } finally {
      await worker.terminate();
    }
  };
}
