// SPDX-License-Identifier: GPL-3.0-or-later
import * as crypto from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createArgon2id } from '../../src/main/vault/argon2id.ts';
import { KDF_COST } from '../../src/main/vault/kdf.ts';
import { passphrase } from './fixture.ts';

const ENTRY = new URL('../../src/main/vault/argon2id-worker.ts', import.meta.url);

describe('createArgon2id', () => {
  it('sec:A12 derives what an independent Argon2id derives, at the cost of a new slot', async () => {
    const salt = Uint8Array.from(crypto.randomBytes(16));
    const deriveKey = createArgon2id(() => new Worker(ENTRY));
    const secret = passphrase('correct horse battery staple');
    const key = await deriveKey(secret, { ...KDF_COST, salt });
    const expected = crypto.argon2Sync('argon2id', {
      message: secret,
      nonce: salt,
      parallelism: KDF_COST.lanes,
      tagLength: 32,
      memory: KDF_COST.memoryKiB,
      passes: KDF_COST.passes,
    });
    expect(Buffer.from(key).equals(expected)).toBe(true);
    // Lent, not taken: the owner wipes it.
    expect(Buffer.from(secret).toString()).toBe('correct horse battery staple');
  });

  it('ends its worker, and reports one that dies', async () => {
    const workers: Worker[] = [];
    const spawn = (source: string) => () => {
      const worker = new Worker(source, { eval: true });
      workers.push(worker);
      return worker;
    };
    const params = { ...KDF_COST, salt: new Uint8Array(16) };
    const derive = (source: string): Promise<Uint8Array> =>
      createArgon2id(spawn(source))(passphrase('x'), params);
    await expect(derive('throw new Error("broken")')).rejects.toThrow('broken');
    await expect(derive('process.exit(3)')).rejects.toThrow(TypeError);
    await expect(
      derive(
        'require("worker_threads").parentPort.once("message", function () { this.postMessage(1) })',
      ),
    ).rejects.toThrow(TypeError);
    expect(workers.map(({ threadId }) => threadId)).toStrictEqual([-1, -1, -1]);
  });
});
