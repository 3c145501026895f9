// SPDX-License-Identifier: GPL-3.0-or-later

import { encodeQR } from 'qr';

/** Light squares on each side, as the symbol needs them to be found (ISO/IEC 18004, section 6.3.8). */
const QUIET = 4;

export interface QrPath {
  /** Squares on each side, the margin counted. */
  readonly size: number;
  /** What is dark, as the path of an SVG with one unit for each square. */
  readonly path: string;
}

/** The picture of a short text. Medium correction: a screen has no scratches, but it reflects. */
export function toQrPath(text: string): QrPath {
  const squares = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET });
  const runs = squares.flatMap((row, y) =>
    runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`),
  );
  return { size: squares.length, path: runs.join('') };
}

/** Where the dark runs of one row begin, and how long they are. */
function runsOf(row: readonly boolean[]): readonly (readonly [start: number, length: number])[] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (!dark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
