// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { race } from './measure.ts';
import {
  BATCH,
  type Bench,
  fill,
  insert,
  openEncrypted,
  openPlain,
  page,
  search,
} from './message-rows.ts';
import { type Figure, toFigure } from './report.ts';

const MESSAGES = 100_000;

/** Encrypted against plain, the same statements on the same rows, in turn. */
export async function benchStore(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
  try {
    const plain = fill(openPlain(join(folder, 'plain.db')), MESSAGES);
    const encrypted = fill(openEncrypted(join(folder, 'encrypted.db')), MESSAGES);
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
