// SPDX-License-Identifier: GPL-3.0-or-later

import { parseArgs } from 'node:util';
import { benchApp } from './app.ts';
import { benchEngine } from './engine.ts';
import { benchStore } from './store.ts';
import { type Figure, meetsGoal, printTable, writeJson } from './report.ts';

const suites: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  engine: benchEngine,
  store: benchStore,
  app: benchApp,
};

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' } },
});

const figures: Figure[] = [];
for (const [name, run] of Object.entries(suites)) {
  if (values.only !== undefined && values.only !== name) continue;
  process.stderr.write(`sotto: measuring ${name}\n`);
  figures.push(...(await run()));
}

printTable(figures);
if (values.json !== undefined) writeJson(values.json, figures);
process.exitCode = figures.every(meetsGoal) ? 0 : 1;
