// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createDatabase, type Db } from '#main/store/database.ts';
import { type MessageRepository } from '#main/store/message-repository.ts';
import { migrationsFromFolder } from '#main/store/migrations/from-folder.ts';
import type { AccountId, NewMessage } from '#main/store/rows.ts';
import { createStore } from '#main/store/store.ts';
import { transaction } from '#main/store/unit-of-work.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import { race } from './measure.ts';
import { type Figure, toFigure } from './report.ts';

const MESSAGES = 100_000;
const BATCH = 200;
const PAGE = 50;

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

interface Bench {
  readonly db: Db;
  readonly messages: MessageRepository;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  next: number;
}

/** The same schema in a plain file, to compare with. */
function openPlain(path: string): Db {
  const db = new Database(path);
  for (const pragma of ['locking_mode = EXCLUSIVE', 'temp_store = MEMORY', 'secure_delete = ON']) {
    db.pragma(pragma);
  }
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  for (const { sql } of migrations) db.exec(sql);
  return db;
}

const openEncrypted = (path: string): Db =>
  createDatabase({ path, id: randomBytes(16), key: randomBytes(32), migrations });

function fill(db: Db): Bench {
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
  while (bench.next < MESSAGES) insert(bench, BATCH);
  return bench;
}

function insert(bench: Bench, count: number): void {
  transaction(bench.db, (tx) => {
    for (let index = 0; index < count; index += 1) {
      bench.messages.add(tx, message(bench.conversation, bench.next));
      bench.next += 1;
    }
  });
}

const page = ({ messages, conversation }: Bench): void => {
  messages.page({ conversation, before: undefined, limit: PAGE });
};

const search = ({ messages, account }: Bench, query: string): void => {
  messages.search({ account, conversation: undefined, query, before: undefined, limit: PAGE });
};

/** Encrypted against plain, the same statements on the same rows, in turn. */
export async function benchStore(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  try {
    const plain = fill(openPlain(join(folder, 'plain.db')));
    const encrypted = fill(openEncrypted(join(folder, 'encrypted.db')));
    const compare = async (
      figure: Pick<Figure, 'id' | 'what' | 'goal'>,
      work: (bench: Bench) => void,
      repeats: number,
    ): Promise<Figure> => {
      const [ours = 0, theirs = 0] = await race(
        [
          () => {
            work(encrypted);
          },
          () => {
            work(plain);
          },
        ],
        { rounds: 15, repeats },
      );
      return toFigure({
        ...figure,
        median: ours * 1000,
        unit: 'us',
        against: 'plain SQLite',
        ratio: ours / theirs,
      });
    };
    const figures = [
      await compare(
        { id: 'S1', what: 'insert 200 messages in one transaction', goal: 1.8 },
        (bench) => {
          insert(bench, BATCH);
        },
        2,
      ),
      await compare(
        { id: 'S1a', what: 'insert one message, durable' },
        (bench) => {
          insert(bench, 1);
        },
        20,
      ),
      await compare({ id: 'S2', what: 'newest 50 of 100,000', goal: 1.5 }, page, 200),
      await compare(
        { id: 'S3', what: 'search a rare word, newest 50' },
        (bench) => {
          search(bench, 'rarity');
        },
        50,
      ),
      await compare(
        { id: 'S3a', what: 'search a common word, newest 50' },
        (bench) => {
          search(bench, 'stair');
        },
        20,
      ),
    ];
    plain.db.close();
    encrypted.db.close();
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
