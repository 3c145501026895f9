// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { writeFinding } from './findings.ts';
import { printReport, writeReport, type Report } from './report.ts';
import { TARGETS } from './targets.ts';
import { watch } from './watch.ts';

const FINDINGS = 'out/fuzz';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    target: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'string' },
  },
});

const minutes = Number(values.minutes);
const wanted = values.target;
const targets = TARGETS.map(({ name }) => name).filter(
  (name) => wanted === undefined || name.startsWith(wanted),
);
if (!(minutes > 0) || targets.length === 0) {
  const names = TARGETS.map(({ name }) => `  ${name}\n`).join('');
  process.stderr.write(
    `usage: npm run fuzz -- --minutes N [--target NAME] [--seed S] [--json FILE]\ntargets:\n${names}`,
  );
  process.exit(2);
}

const seed = values.seed ?? randomBytes(6).toString('hex');
process.stderr.write(`sotto: fuzzing ${targets.length.toString()} targets, seed ${seed}\n`);
const { rows, findings } = await watch({ targets, seed, minutes });
const report: Report = { seed, node: process.version, minutes, rows, findings };
printReport(report);
for (const finding of findings) {
  const path = writeFinding(FINDINGS, finding);
  const [first = ''] = finding.what.split('\n');
  process.stdout.write(`${finding.target}: ${finding.wrong}: ${first}\n  kept in ${path}\n`);
}
if (values.json !== undefined) writeReport(values.json, report);
process.exitCode = findings.length === 0 ? 0 : 1;
