// SPDX-License-Identifier: GPL-3.0-or-later
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, openDatabase } from '../../src/main/store/database.ts';
import { migrationsFromFolder } from '../../src/main/store/migrations/from-folder.ts';
import { migrations } from '../../src/main/store/migrations/index.ts';
import type { MessageId } from '../../src/main/store/rows.ts';
import { newChat, newLocation, newMessage, newStore, portrait, reopen } from './fixture.ts';

const newest = migrations.length;
const next = { version: newest + 1, sql: 'CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT' };

describe('the migrations', () => {
  it('sec:T-K-MIG-1 are numbered without gaps, and the bundle lists every file of the folder', () => {
    const folder = new URL('../../src/main/store/migrations/', import.meta.url);
    expect(migrations).toStrictEqual(migrationsFromFolder(folder));
    expect(migrations.map(({ version }) => version)).toStrictEqual(
      migrations.map((_, index) => index + 1),
    );
  });

  it('sec:T-K-MIG-1 bring an older store forward without losing a row', () => {
    const location = newLocation();
    const before = newStore(location);
    const { conversation } = newChat(before);
    before.transaction((tx) => before.messages.add(tx, newMessage(conversation)));
    before.close();
    const after = reopen({ ...location, migrations: [...migrations, next] });
    expect(after.messages.summary(conversation).last?.text).toBe('hello');
    after.close();
    expect(openDatabase(location)).toStrictEqual({ ok: false, error: 'newer' });
  });

  it('sec:T-K-MIG-1 call nothing unconfirmed that an older program kept as failed', () => {
    const location = newLocation();
    const before = createDatabase({ ...location, migrations: migrations.slice(0, 5) });
    before.exec(`
      INSERT INTO account (id, jid, allow_plain, mode, created_at, resource, device_label, instance_tag)
        VALUES (1, 'alice@example.org', 0, 'compatible', 1, 'sotto-1', 'Desktop', 256);
      INSERT INTO contact (id, account_id, jid) VALUES (1, 1, 'bob@example.org');
      INSERT INTO message (id, conversation_id, direction, text, at, protection, delivery, plain_inside)
        VALUES (1, 1, 'out', 'old', 1, 'plain', 'failed', 0);`);
    before.close();
    const after = reopen(location);
    expect(after.messages.get(1 as MessageId)?.delivery).toBe('failed');
    after.close();
  });

  it('sec:T-K-MIG-1 refuse a store of a later version and leave it as it was', () => {
    const location = newLocation();
    newStore({ ...location, migrations: [...migrations, next] }).close();
    const before = portrait(dirname(location.path));
    expect(openDatabase(location)).toStrictEqual({ ok: false, error: 'newer' });
    expect(portrait(dirname(location.path))).toStrictEqual(before);
  });

  it('sec:T-K-MIG-1 happen whole or not at all', () => {
    const location = newLocation();
    newStore(location).close();
    const broken = { ...next, sql: `${next.sql}; CREATE NONSENSE` };
    expect(() => openDatabase({ ...location, migrations: [...migrations, broken] })).toThrow(
      /syntax error/,
    );
    const opened = openDatabase(location);
    if (!opened.ok) throw new Error(opened.error);
    onTestFinished(() => {
      opened.value.close();
    });
    expect(opened.value.pragma('user_version', { simple: true })).toBe(newest);
    expect(
      opened.value.prepare("SELECT name FROM sqlite_schema WHERE name = 'later'").get(),
    ).toBeUndefined();
  });

  it('sec:T-K-MIG-1 put the version where an older program reads it before it opens', () => {
    const location = newLocation();
    const db = createDatabase({ ...location, migrations: [...migrations, next] });
    onTestFinished(() => {
      db.close();
    });
    // Still open, so nothing was checkpointed by a close: 'in-use' would mean it was not seen.
    expect(openDatabase(location)).toStrictEqual({ ok: false, error: 'newer' });
  });
});
