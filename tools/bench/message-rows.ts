// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { createDatabase, type Db } from '#main/store/database.ts';
import { type MessageRepository } from '#main/store/message-repository.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import type { AccountId, NewMessage } from '#main/store/rows.ts';
import { createStore } from '#main/store/store.ts';
import { transaction } from '#main/store/unit-of-work.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';

/** Messages of one transaction. */
export const BATCH = 200;
export const PAGE = 50;

const migrations = migrationsFromFolder(
  new URL('../../src/main/store/migrations/', import.meta.url),
);
const words = 'the quick letters came from under a stair nobody had opened since winter'.split(' ');

const sentence = (seed: number): string =>
  Array.from({ length: 15 }, (_, index) => words[(seed * 31 + index * 7) % words.length]).join(' ');

const message = (conversationId: ConversationId, index: number): NewMessage => ({
  conversationId,
  direction: index % 2 === 0 ? 'in' : 'out',
  text: index % 1000 === 0 ? `${sentence(index)} rarity` : sentence(index),
  at: 1_700_000_000_000 + index * 1000,
  delivery: 'delivered',
  stanzaId: `s${String(index)}`,
  plainInside: false,
});

/** One long conversation in a database. */
export interface Bench {
  readonly db: Db;
  readonly messages: MessageRepository;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  next: number;
}

/** The same schema in a plain file, to compare with. */
export function openPlain(path: string): Db {
  const db = new Database(path);
  for (const pragma of ['locking_mode = EXCLUSIVE', 'temp_store = MEMORY', 'secure_delete = ON']) {
    db.pragma(pragma);
  }
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  for (const { sql } of migrations) db.exec(sql);
  return db;
}

export const openEncrypted = (path: string): Db =>
  createDatabase({ path, id: randomBytes(16), key: randomBytes(32), migrations });

export function fill(db: Db, count: number): Bench {
  const store = createStore(db);
  const { account, conversation } = store.transaction((tx) => {
    const id = store.accounts.add(tx, {
      jid: 'bench@localhost' as BareJid,
      server: undefined,
      allowPlain: false,
      mode: 'compatible',
      createdAt: 0,
      resource: 'bench',
      deviceLabel: 'Desktop',
      instanceTag: 0x100,
      credentials: undefined,
    });
    return {
      account: id,
      conversation: store.contacts.ensure(tx, id, 'peer@localhost' as BareJid),
    };
  });
  const bench = { db, messages: store.messages, account, conversation, next: 0 };
  while (bench.next < count) insert(bench, BATCH);
  return bench;
}

export function insert(bench: Bench, count: number): void {
  transaction(bench.db, (tx) => {
    for (let index = 0; index < count; index += 1) {
      bench.messages.add(tx, message(bench.conversation, bench.next));
      bench.next += 1;
    }
  });
}

export const page = ({ messages, conversation }: Bench): void => {
  messages.page({ conversation, before: undefined, limit: PAGE });
};

export const search = ({ messages, account }: Bench, query: string): void => {
  messages.search({ account, conversation: undefined, query, before: undefined, limit: PAGE });
};
