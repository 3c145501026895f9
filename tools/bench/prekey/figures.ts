// SPDX-License-Identifier: GPL-3.0-or-later

import process from 'node:process';

/** One measured figure, and what it should be at least or at most (security §6). */
export interface LoadFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const isMet = ({ value, atLeast = -Infinity, atMost = Infinity }: LoadFigure): boolean =>
  value >= atLeast && value <= atMost;

export function printFigures(figures: readonly LoadFigure[]): void {
  const rows = figures.map((figure) => {
    const { what, value, unit, atLeast, atMost } = figure;
    const goal =
      atLeast === undefined
        ? atMost === undefined
          ? ''
          : `<= ${String(atMost)}`
        : `>= ${String(atLeast)}`;
    const verdict = goal === '' ? '' : isMet(figure) ? 'ok' : 'MISSED';
    return [what, `${String(Number(value.toPrecision(4)))} ${unit}`, goal, verdict];
  });
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

/** The value that so much of the others stays below. @param part in [0, 1] */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const perSecond = (count: number, ms: number): number => (count * 1000) / ms;

/** So many at once until all have been done. @returns how long each took, in milliseconds */
export async function inParallel(
  count: number,
  lanes: number,
  work: (n: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const begunAt = performance.now();
      await work(n);
      times.push(performance.now() - begunAt);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return times;
}
