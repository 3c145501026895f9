// SPDX-License-Identifier: GPL-3.0-or-later

import { writeFileSync } from 'node:fs';

/** One measured figure. `ratio` is against `against`, both from the same run. */
export interface Figure {
  readonly id: string;
  readonly what: string;
  readonly median: number;
  readonly unit: 'ms' | 'us' | 'MB' | 'x';
  readonly against?: string;
  readonly ratio?: number;
  /** The highest ratio (or, without `against`, the highest median) that is still good. */
  readonly goal?: number;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

export function toFigure(figure: Figure): Figure {
  return {
    ...figure,
    median: rounded(figure.median),
    ...(figure.ratio === undefined ? {} : { ratio: rounded(figure.ratio) }),
  };
}

/** @param slack what a goal may be exceeded by: 1.25 is a quarter */
export const meetsGoal = ({ goal, ratio, median }: Figure, slack = 1): boolean =>
  goal === undefined || (ratio ?? median) <= goal * slack;

export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map((figure) => [
    figure.id,
    figure.what,
    `${String(figure.median)} ${figure.unit}`,
    figure.ratio === undefined ? '' : `${String(figure.ratio)} of ${figure.against ?? ''}`,
    figure.goal === undefined
      ? ''
      : `<= ${String(figure.goal)} ${meetsGoal(figure) ? 'ok' : 'MISSED'}`,
  ]);
  const all = [['id', 'what', 'median', 'ratio', 'goal'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of all) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

export function writeJson(path: string, report: unknown): void {
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
}
