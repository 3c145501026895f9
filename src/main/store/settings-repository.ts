// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';
import type { Tx } from './unit-of-work.ts';

/** Named JSON values. What they mean, and whether they still make sense, is the reader's affair. */
export class SettingsRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      one: db.prepare<[string], { readonly value: string }>(
        `SELECT value FROM setting WHERE name = ?`,
      ),
      save: db.prepare<[string, string]>(
        `INSERT INTO setting (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      ),
      remove: db.prepare<[string]>(`DELETE FROM setting WHERE name = ?`),
    };
  }

  load(name: string): unknown {
    const row = this.#db.one.get(name);
    return row === undefined ? undefined : (JSON.parse(row.value) as unknown);
  }

  save(_tx: Tx, name: string, value: object | string | number | boolean): void {
    this.#db.save.run(name, JSON.stringify(value));
  }

  remove(_tx: Tx, name: string): void {
    this.#db.remove.run(name);
  }
}
