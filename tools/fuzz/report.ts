// SPDX-License-Identifier: GPL-3.0-or-later

import { writeFileSync } from 'node:fs';
import type { Wrong } from './target.ts';
import type { Finding, Row } from './trial.ts';

export interface Report {
  readonly seed: string;
  readonly node: string;
  readonly minutes: number;
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
}

const total = (rows: readonly Row[], wrong?: Wrong): number =>
  rows.reduce(
    (sum, row) => sum + (wrong === undefined ? row.inputs : (row.findings[wrong] ?? 0)),
    0,
  );

function others({ findings }: Row): number {
  const all = Object.values(findings).reduce((sum, count) => sum + count, 0);
  return all - (findings.crash ?? 0) - (findings.hang ?? 0) - (findings['state-change'] ?? 0);
}

function cells(row: Row): readonly string[] {
  const { target, inputs, perSecond, kept, functions, worstMs, findings } = row;
  return [
    target,
    inputs.toString(),
    perSecond.toString(),
    kept.toString(),
    functions.toString(),
    worstMs.toString(),
    (findings.crash ?? 0).toString(),
    (findings.hang ?? 0).toString(),
    (findings['state-change'] ?? 0).toString(),
    others(row).toString(),
  ];
}

const HEAD = [
  'target',
  'inputs',
  'per s',
  'kept',
  'functions',
  'worst ms',
  'crashes',
  'hangs',
  'state changes',
  'other',
];

export function printReport({ rows, seed }: Report): void {
  const all = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) {
    const [name = '', ...figures] = row;
    const padded = figures.map((figure, k) => figure.padStart(widths[k + 1] ?? 0));
    process.stdout.write(`${[name.padEnd(widths[0] ?? 0), ...padded].join('  ')}\n`);
  }
  const wrong = rows.reduce((sum, row) => sum + others(row), 0);
  process.stdout.write(
    `${total(rows).toString()} inputs, ${total(rows, 'crash').toString()} crashes, ` +
      `${total(rows, 'hang').toString()} hangs, ` +
      `${total(rows, 'state-change').toString()} state changes by unauthenticated input, ` +
      `${wrong.toString()} other findings; seed ${seed}\n`,
  );
}

export function writeReport(path: string, report: Report): void {
  const { findings, ...rest } = report;
  const told = findings.map(({ target, wrong, what }) => ({ target, wrong, what }));
  writeFileSync(path, `${JSON.stringify({ ...rest, findings: told }, undefined, 2)}\n`);
}
