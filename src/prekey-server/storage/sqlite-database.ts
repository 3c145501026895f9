// SPDX-License-Identifier: GPL-3.0-or-later

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { SQLITE_MIGRATIONS } from './sqlite-schema.ts';

export type Db = Database.Database;

/** How long to wait for another program that works on the same file. */
const LOCK_TIMEOUT_MS = 4_000;

/** Set, and then read back: SQLite ignores what it does not know. */
const PRAGMAS: readonly (readonly [name: string, value: string, expected: string | number])[] = [
  ['journal_mode', 'WAL', 'wal'],
  // What was handed out stays handed out after a power cut.
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['temp_store', 'MEMORY', 2],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  // Bytes of prekeys that were handed out are overwritten.
  ['secure_delete', 'ON', 1],
  ['mmap_size', '0', 0],
];

/**
 * Opens the database, which is made first if there is none, and brings it up to date.
 *
 * @param key 32 bytes, lent; undefined for a file in clear
 */
export function openSqlite(path: string, key: Uint8Array | undefined): Db {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path, { timeout: LOCK_TIMEOUT_MS });
  try {
    if (key !== undefined) unlock(db, key);
    for (const [name, value] of PRAGMAS) db.pragma(`${name} = ${value}`);
    for (const [name, , expected] of PRAGMAS) {
      if (db.pragma(name, { simple: true }) !== expected) {
        throw new TypeError(`the database did not take the setting ${name}`);
      }
    }
    migrate(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** The format of SQLCipher 4, with the key itself and no passphrase. */
function unlock(db: Db, key: Uint8Array): void {
  db.pragma("cipher = 'sqlcipher'");
  db.pragma('legacy = 4');
  const literal = Buffer.from(`x'${Buffer.from(key).toString('hex')}'`);
  try {
    db.key(literal);
  } finally {
    literal.fill(0);
  }
}

/** Under a lock: another program may be at it. */
function migrate(db: Db): void {
  db.transaction(() => {
    const version = db.pragma('user_version', { simple: true });
    if (typeof version !== 'number' || version > SQLITE_MIGRATIONS.length) {
      throw new RangeError('the database was written by a later version of this program');
    }
    for (const sql of SQLITE_MIGRATIONS.slice(version)) db.exec(sql);
    db.pragma(`user_version = ${String(SQLITE_MIGRATIONS.length)}`);
  }).immediate();
}
