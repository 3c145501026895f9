// SPDX-License-Identifier: GPL-3.0-or-later

import { PostgresqlStorage } from './postgresql-storage.ts';
import { SqliteThread } from './sqlite-thread.ts';
import type { PrekeyStorage } from './storage.ts';

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgresql'; readonly url: string };

/** @param key for an encrypted SQLite database: 32 bytes, lent */
export async function openStorage(
  location: StoreLocation,
  key: Uint8Array | undefined,
): Promise<PrekeyStorage> {
  switch (location.kind) {
    case 'sqlite':
      return await SqliteThread.open(location.path, key);
    case 'postgresql':
      return await PostgresqlStorage.open(location.url);
  }
}
