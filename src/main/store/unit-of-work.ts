// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';

declare const open: unique symbol;

/** Proof of being inside a transaction. Every method that writes asks for one. */
export interface Tx {
  readonly [open]: true;
}

/**
 * All of `work` or none of it. `work` is synchronous: SQLite is, and a step must not wait.
 * Do not nest: one unit of work is one commit.
 */
export function transaction<T>(db: Db, work: (tx: Tx) => T): T {
  if (db.inTransaction) throw new TypeError('a unit of work inside a unit of work');
  return db.transaction(() => work({} as Tx)).immediate();
}
