// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { closeDatabase, createDatabase } from '#main/store/database.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import { createArgon2id } from '#main/vault/argon2id.ts';
import { nodeFiles } from '#main/vault/durable-files.ts';
import { Vault } from '#main/vault/vault.ts';

const rooms = new URL('../../../src/main/', import.meta.url);

/** A profile sealed with a passphrase, whose store has one migration more than we know. */
export async function makeLaterProfile(userData: string, passphrase: string): Promise<void> {
  const folder = join(userData, 'profile');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const none = (): Promise<never> => Promise.reject(new TypeError('there is no key store'));
  const vault = new Vault({
    folder,
    files: nodeFiles,
    now: () => Date.now(),
    random: (length) => new Uint8Array(randomBytes(length)),
    deriveKey: createArgon2id(() => new Worker(new URL('vault/argon2id-worker.ts', rooms))),
    keyring: {
      isAvailable: () => Promise.resolve(false),
      backend: () => '',
      seal: none,
      open: none,
    },
  });
  const made = await vault.create(new TextEncoder().encode(passphrase));
  if (!made.ok) throw new TypeError(`the vault was not made: ${made.error.reason}`);
  const known = migrationsFromFolder(new URL('store/migrations/', rooms));
  const later = { version: known.length + 1, sql: 'CREATE TABLE later (id INTEGER) STRICT;' };
  const path = join(folder, 'store.db');
  closeDatabase(createDatabase({ path, ...made.value, migrations: [...known, later] }));
}
