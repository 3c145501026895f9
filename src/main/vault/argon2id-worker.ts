// SPDX-License-Identifier: GPL-3.0-or-later
// Entry of a worker thread: one derivation, then it ends and its memory goes with it.
import { parentPort } from 'node:worker_threads';
import { argon2id } from '@noble/hashes/argon2.js';
import { KEY_LENGTH, type KdfParams } from './kdf.ts';

export interface Argon2idJob {
  readonly passphrase: Uint8Array;
  readonly params: KdfParams;
}

parentPort?.once('message', ({ passphrase, params }: Argon2idJob) => {
  const key = argon2id(passphrase, params.salt, {
    m: params.memoryKiB,
    t: params.passes,
    p: params.lanes,
    dkLen: KEY_LENGTH,
  });
  passphrase.fill(0);
  // A copy with a buffer of its own: what is transferred must not be a view of something larger.
  const result = Uint8Array.from(key);
  key.fill(0);
  parentPort?.postMessage(result, [result.buffer]);
});
