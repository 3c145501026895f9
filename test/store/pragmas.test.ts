// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeDatabase, createDatabase, openDatabase } from '../../src/main/store/database.ts';
import { newLocation } from './fixture.ts';

const EXPECTED = {
  cipher: 'sqlcipher',
  legacy: '4',
  journal_mode: 'wal',
  synchronous: 2,
  temp_store: 2,
  mmap_size: 0,
  secure_delete: 1,
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  recursive_triggers: 0,
  journal_size_limit: 0,
  locking_mode: 'exclusive',
};

describe('the settings of an open store', () => {
  it.each(['created', 'opened again'])('sec:T-K-PRAGMA-1 all hold when it is %s', (way) => {
    const location = newLocation();
    let db = createDatabase(location);
    if (way === 'opened again') {
      closeDatabase(db);
      const opened = openDatabase(location);
      if (!opened.ok) throw new Error(opened.error);
      db = opened.value;
    }
    onTestFinished(() => {
      db.close();
    });
    const read = Object.fromEntries(
      Object.keys(EXPECTED).map((name) => [name, db.pragma(name, { simple: true })]),
    );
    expect(read).toStrictEqual(EXPECTED);
  });

  it('sec:T-K-PRAGMA-1 do not let SQL rewrite the schema or the search index behind our back', () => {
    const db = createDatabase(newLocation());
    onTestFinished(() => {
      db.close();
    });
    db.pragma('writable_schema = ON');
    expect(() => db.exec("DELETE FROM sqlite_schema WHERE name = 'message'")).toThrow();
    expect(() => db.exec('DELETE FROM message_text_data')).toThrow(/may not be modified/);
  });

  it('sec:T-K-PRAGMA-1 make deleted words leave the search index at once', () => {
    const db = createDatabase(newLocation());
    onTestFinished(() => {
      db.close();
    });
    const row = db.prepare("SELECT v FROM message_text_config WHERE k = 'secure-delete'").get();
    expect(row).toStrictEqual({ v: 1 });
  });

  it('sec:T-K-DISK-7 give the files to their owner only', () => {
    const location = newLocation();
    const db = createDatabase(location);
    onTestFinished(() => {
      db.close();
    });
    const folder = dirname(location.path);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes.length).toBeGreaterThanOrEqual(1);
    expect(new Set(modes)).toStrictEqual(new Set([0o600]));
  });
});
