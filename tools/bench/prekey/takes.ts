// SPDX-License-Identifier: GPL-3.0-or-later
// No prekey message twice: two programs that take from one store until nothing is left.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { Pool } from 'pg';
import { openStorage } from '#prekey-server/storage/open-storage.ts';
import { type LoadFigure, inParallel, perSecond } from './figures.ts';
import { fill } from './filling.ts';

const DOMAIN = 'target.example';
const TAKER = new URL('taker.ts', import.meta.url).pathname;

export type Place =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgresql'; readonly url: string };

export interface TakesOptions {
  readonly name: string;
  readonly place: Place;
  readonly targets: number;
  readonly processes: number;
  readonly lanes: number;
  readonly atLeast: number;
}

/** Everything is taken by several processes; counts what came twice. */
export async function benchTakes(options: TakesOptions): Promise<readonly LoadFigure[]> {
  const { name, place, targets, processes, lanes, atLeast } = options;
  const storage = await openStorage(place, undefined);
  const total = await fill(storage, targets, DOMAIN);
  await storage.close();
  const seen = new Uint8Array(total);
  let twice = 0;
  let taken = 0;
  const begunAt = performance.now();
  await Promise.all(
    Array.from({ length: processes }, async () => {
      const args = [TAKER, JSON.stringify({ place, targets, domain: DOMAIN, lanes })];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = once(child, 'exit');
      for await (const line of createInterface({ input: child.stdout })) {
        for (const id of line.split(' ').map(Number)) {
          taken += 1;
          twice += seen[id] === 0 ? 0 : 1;
          seen[id] = 1;
        }
      }
      const [status] = (await gone) as readonly unknown[];
      if (status !== 0) throw new Error(`a taker ended with ${String(status)}`);
    }),
  );
  const rate = perSecond(taken, performance.now() - begunAt);
  const who = `${name}, ${String(processes)} processes`;
  return [
    { what: `${who}: ensembles per second`, value: rate, unit: '/s', atLeast },
    { what: `${who}: taken of ${String(total)}`, value: taken, unit: '', atLeast: total },
    { what: `${who}: taken twice`, value: twice, unit: '', atMost: 0 },
  ];
}

/** The statement everybody writes first, which must show doubles: else the count above proves nothing. */
export async function benchNaive(url: string): Promise<readonly LoadFigure[]> {
  const pool = new Pool({ connectionString: url, max: 16 });
  await pool.query('CREATE TABLE naive (id int PRIMARY KEY)');
  await pool.query('INSERT INTO naive SELECT generate_series(1, 1000)');
  let given = 0;
  await inParallel(16, 16, async () => {
    for (;;) {
      const { rows } = await pool.query<{ id: number }>('SELECT id FROM naive ORDER BY id LIMIT 1');
      const [row] = rows;
      if (row === undefined) return;
      await pool.query('DELETE FROM naive WHERE id = $1', [row.id]);
      given += 1;
    }
  });
  await pool.end();
  const what = 'negative control, SELECT then DELETE: taken twice of 1000';
  return [{ what, value: given - 1000, unit: '', atLeast: 1 }];
}
