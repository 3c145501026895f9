// SPDX-License-Identifier: GPL-3.0-or-later
// `npm run bench:prekey`: the load goals of the prekey server. Sizes are options; the defaults take about
// three minutes.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Postgresql } from '../../postgresql/postgresql.ts';
import { benchExchanges } from './exchanges.ts';
import { type LoadFigure, printFigures } from './figures.ts';
import { soak } from './soak.ts';
import { benchNaive, benchTakes } from './takes.ts';
import { benchThroughXmpp } from './through-xmpp.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    /** Prekey messages to be taken from each store; 1000000 is the goal. */
    takes: { type: 'string', default: '20400' },
    queries: { type: 'string', default: '2000' },
    /** Exchanges that are open at once; 2000 is the goal. */
    open: { type: 'string', default: '500' },
    /** Minutes of the memory soak; 10 is the goal. */
    soak: { type: 'string', default: '0' },
  },
});

const EACH = 255;
const targets = Math.max(1, Math.round(Number(values.takes) / EACH));
const queries = Number(values.queries);
const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-store-'));
const postgresql = await Postgresql.start({ folder });
const sqlite = { kind: 'sqlite', path: join(folder, 'takes.sqlite') } as const;
const shared = { kind: 'postgresql', url: postgresql.url } as const;

const suites: Readonly<Record<string, () => Promise<readonly LoadFigure[]>>> = {
  exchanges: () => Promise.resolve(benchExchanges(Number(values.open))),
  'takes-sqlite': () =>
    benchTakes({ name: 'SQLite', place: sqlite, targets, processes: 2, lanes: 1, atLeast: 1000 }),
  'takes-postgresql': () =>
    benchTakes({
      name: 'PostgreSQL',
      place: shared,
      targets,
      processes: 2,
      lanes: 8,
      atLeast: 3000,
    }),
  naive: () => benchNaive(postgresql.url),
  'xmpp-sqlite': () =>
    benchThroughXmpp({
      name: 'SQLite',
      place: undefined,
      queries,
      goals: { perSecond: 200, p99: 300 },
    }),
  'xmpp-postgresql': () =>
    benchThroughXmpp({
      name: 'PostgreSQL',
      place: shared,
      queries,
      goals: { perSecond: 500, p99: 200 },
    }),
  soak: () => soak(Number(values.soak)),
};

try {
  for (const [name, run] of Object.entries(suites)) {
    if (values.only !== undefined && values.only !== name) continue;
    process.stderr.write(`sotto: measuring ${name}\n`);
    printFigures(await run());
  }
} finally {
  await postgresql.kill();
  await rm(folder, { recursive: true, force: true });
}
