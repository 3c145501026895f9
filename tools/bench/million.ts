// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from '#main/store/database.ts';
import { contest, duel } from './measure.ts';
import {
  BATCH,
  type Bench,
  fill,
  insert,
  openEncrypted,
  openPlain,
  page,
  PAGE,
  search,
} from './message-rows.ts';
import { type Figure, toFigure } from './report.ts';

const MESSAGES = 1_000_000;
/** Enough to tell what the index costs. */
const INDEXED = 100_000;

const QUERIES = [
  ['S3', 'a rare word', 'rarity'],
  ['S3a', 'a common word', 'stair'],
  ['S3b', 'the beginning of a word', 'rari'],
  ['S3c', 'two words', 'stair rarity'],
  ['S3d', 'one letter', 's'],
] as const;

/** What is left when every message has to be read. */
function scan({ db, account }: Bench): () => void {
  const statement = db.prepare(
    `SELECT m.* FROM message m JOIN contact c ON c.id = m.conversation_id
      WHERE c.account_id = ? AND m.text LIKE ? ORDER BY m.id DESC LIMIT ${String(PAGE)}`,
  );
  return () => {
    statement.all(account, '%rarity nowhere%');
  };
}

async function searches(bench: Bench): Promise<readonly Figure[]> {
  const runners = QUERIES.map(([, , query]) => ({
    repeats: 20,
    work: () => {
      search(bench, query);
    },
  }));
  const everything = { work: scan(bench) };
  const times = await contest([...runners, everything], { rounds: 5, repeats: 1 });
  const whole = times.at(-1)?.best ?? Number.NaN;
  return QUERIES.map(([id, what], index) =>
    toFigure({
      id,
      what: `search 1,000,000 for ${what}, newest 50`,
      median: times[index]?.median ?? Number.NaN,
      unit: 'ms',
      against: 'reading all',
      ratio: (times[index]?.best ?? Number.NaN) / whole,
      goal: 0.01,
    }),
  );
}

/** The index stays, empty. */
function withoutIndex(db: Db): Db {
  for (const trigger of ['is_indexed', 'leaves_index', 'is_reindexed']) {
    db.exec(`DROP TRIGGER message_${trigger}`);
  }
  return db;
}

async function indexCost(folder: string): Promise<readonly Figure[]> {
  const [indexedFile, bareFile] = [join(folder, 'indexed.db'), join(folder, 'bare.db')];
  const indexed = fill(openEncrypted(indexedFile), INDEXED);
  const bare = fill(withoutIndex(openEncrypted(bareFile)), INDEXED);
  const add = (bench: Bench) => ({
    work: () => {
      insert(bench, BATCH);
    },
  });
  const { median, ratio } = await duel(add(indexed), add(bare), { rounds: 15, repeats: 2 });
  for (const { db } of [indexed, bare]) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  }
  const bytes = statSync(indexedFile).size;
  return [
    toFigure({
      id: 'S4',
      what: `size of ${String(INDEXED / 1000)}k messages with an index`,
      median: bytes / 1e6,
      unit: 'MB',
      against: 'without',
      ratio: bytes / statSync(bareFile).size,
      goal: 1.5,
    }),
    toFigure({
      id: 'S4a',
      what: 'insert 200 with an index',
      median,
      unit: 'ms',
      against: 'without',
      ratio,
    }),
  ];
}

/** A million messages: the newest page, searches, and what the index costs. */
export async function benchMillion(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  try {
    const costs = await indexCost(folder);
    const plain = fill(openPlain(join(folder, 'plain.db')), MESSAGES);
    const encrypted = fill(openEncrypted(join(folder, 'encrypted.db')), MESSAGES);
    const newest = (bench: Bench) => ({
      work: () => {
        page(bench);
      },
    });
    const { median, ratio } = await duel(newest(encrypted), newest(plain), {
      rounds: 15,
      repeats: 200,
    });
    const figures = [
      toFigure({
        id: 'S2',
        what: 'newest 50 of 1,000,000',
        median: median * 1000,
        unit: 'us',
        against: 'plain SQLite',
        ratio,
        goal: 1.5,
      }),
      ...(await searches(encrypted)),
      ...costs,
    ];
    plain.db.close();
    encrypted.db.close();
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
