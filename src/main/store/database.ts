// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, openSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { err, ok, type Result } from '#shared/std/result.ts';
import {
  applyCipherPragmas,
  applyConnectionPragmas,
  applyFilePragmas,
  assertPragmas,
} from './pragmas.ts';
import { inspect } from './inspect.ts';
import type { Migration } from './migrations/migration.ts';
import type { OpenFailure } from './open-failure.ts';
import { keyLiteral } from './key-literal.ts';

/** An open, keyed, migrated database. */
export type Db = Database.Database;

export interface StoreLocation {
  readonly path: string;
  /** 16 bytes: the file's first bytes, which tell whose store this is. Not secret. */
  readonly id: Uint8Array;
  /** 32 bytes, lent for the call only. */
  readonly key: Uint8Array;
  /** In order; `migrations/index.ts` in the bundle. */
  readonly migrations: readonly Migration[];
}

/** How long to wait for a lock that another process holds while it quits. */
const LOCK_TIMEOUT_MS = 250;

/** Makes a new store. Throws if anything is at `path` already: nothing is ever overwritten. */
export function createDatabase(location: StoreLocation): Db {
  closeSync(openSync(location.path, 'wx', 0o600));
  try {
    return connect(location);
  } catch (cause) {
    rmSync(location.path);
    throw cause;
  }
}

/** Opens an existing store and migrates it. On failure the files are as they were. */
export function openDatabase(location: StoreLocation): Result<Db, OpenFailure> {
  const failure = inspect(location);
  if (failure !== undefined) return err(failure);
  try {
    return ok(connect(location));
  } catch (cause) {
    return err(toOpenFailure(cause));
  }
}

/** Moves the write-ahead log into the file, empties it, closes. */
export function closeDatabase(db: Db): void {
  if (!db.open) return;
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** The newest schema these migrations lead to. */
export const schemaVersion = (migrations: readonly Migration[]): number =>
  migrations.at(-1)?.version ?? 0;

function connect({ path, id, key, migrations }: StoreLocation): Db {
  const db = new Database(path, { fileMustExist: true, timeout: LOCK_TIMEOUT_MS });
  try {
    applyCipherPragmas(db);
    const literal = keyLiteral(key, id);
    try {
      db.key(literal);
    } finally {
      literal.fill(0);
    }
    applyConnectionPragmas(db);
    const current = versionOf(db);
    if (current > schemaVersion(migrations)) throw new NewerSchema();
    applyFilePragmas(db);
    migrate(db, current, migrations);
    // Reads the schema now: a broken page of it must fail the opening, not some later statement.
    db.prepare('SELECT count(*) FROM message').get();
    assertPragmas(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

class NewerSchema extends Error {
  override readonly name = 'NewerSchema';
}

function versionOf(db: Db): number {
  const version = db.pragma('user_version', { simple: true });
  if (typeof version !== 'number') throw new TypeError('user_version is not a number');
  return version;
}

/** Each migration is one transaction together with the version it leads to. */
function migrate(db: Db, current: number, migrations: readonly Migration[]): void {
  const due = migrations.filter(({ version }) => version > current);
  for (const { version, sql } of due) {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${String(version)}`);
    }).exclusive();
  }
  // The version must reach the main file, where an older program looks for it before it opens.
  if (due.length > 0) db.pragma('wal_checkpoint(TRUNCATE)');
}

function toOpenFailure(cause: unknown): OpenFailure {
  if (cause instanceof NewerSchema) return 'newer';
  if (!(cause instanceof Database.SqliteError)) throw cause;
  const { code } = cause;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'in-use';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'damaged';
  if (code.startsWith('SQLITE_READONLY')) return 'read-only';
  if (/^SQLITE_(?:IOERR|CANTOPEN|FULL|PERM|AUTH)/.test(code)) return 'unreadable';
  throw cause;
}
