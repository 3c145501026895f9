// SPDX-License-Identifier: GPL-3.0-or-later

import { execFileSync } from 'node:child_process';

const NAMES = ['KG', 'SM', 'DM', 'SV', 'TV', 'DKG', 'DSS', 'DCK'] as const;
type Counted = Readonly<Partial<Record<(typeof NAMES)[number], number>>>;

/** What a step was counted to do, and what the specification's steps add up to. */
export interface CountedStep {
  readonly step: string;
  readonly counts: Counted;
  readonly expected: Counted;
}

/**
 * What the specification's steps add up to, with two differences of ours: the initiator's first rotation waits for its first
 * message, which does it as `ratchet 0`; and a long-term secret meets a foreign point in two halves
 * (finding A6), so two such products of the publisher are four.
 */
const EXPECTED: Readonly<Record<string, Counted>> = {
  'Bob: Identity': { KG: 2, DKG: 2 },
  'Alice: verify Identity, make Auth-R': {
    KG: 3,
    SM: 1,
    DM: 2,
    SV: 1,
    TV: 4,
    DKG: 2,
    DSS: 1,
    DCK: 2,
  },
  'Bob: verify Auth-R, make Auth-I, start the ratchet': {
    ...{ KG: 1, SM: 2, DM: 5, SV: 1, TV: 4, DSS: 2, DCK: 2 },
  },
  'Alice: verify Auth-I, start the ratchet': { SM: 1, DM: 3, DSS: 1 },
  'prekey message': { KG: 1, DKG: 1 },
  'Alice: ensemble check, Non-Interactive-Auth': {
    ...{ KG: 3, SM: 3, DM: 2, SV: 2, TV: 4, DKG: 2, DSS: 1, DCK: 1 },
  },
  'Bob: Non-Interactive-Auth': { SM: 5, DM: 3, SV: 1, TV: 4, DSS: 1, DCK: 2 },
  'SMP 1': { KG: 4 },
  'SMP 2': { KG: 4, SM: 4, DM: 4, TV: 2 },
  'SMP 3': { KG: 1, SM: 6, DM: 6, TV: 4 },
  'SMP 4': { KG: 1, SM: 3, DM: 4, TV: 3 },
  'SMP end': { SM: 1, DM: 2, TV: 1 },
  'ratchet 0, sender': { KG: 1, SM: 1, DKG: 1, DSS: 1 },
  'ratchet 0, receiver': { SM: 1, TV: 1, DSS: 1, DCK: 1 },
  'ratchet 1, sender': { KG: 1, SM: 1 },
  'ratchet 1, receiver': { SM: 1, TV: 1 },
  'ratchet 2, sender': { KG: 1, SM: 1 },
  'ratchet 2, receiver': { SM: 1, TV: 1 },
};

/** Runs each handshake once in a process where its operations are counted. */
export function countOperations(): readonly CountedStep[] {
  const entry = new URL('./counted.ts', import.meta.url).pathname;
  const output = execFileSync(process.execPath, [entry], { encoding: 'utf8' });
  const rows = JSON.parse(output) as readonly Omit<CountedStep, 'expected'>[];
  return rows.map((row) => ({ ...row, expected: EXPECTED[row.step] ?? {} }));
}

export const isAsExpected = ({ counts, expected }: CountedStep): boolean =>
  NAMES.every((name) => (counts[name] ?? 0) === (expected[name] ?? 0));

/** One line for each step; where the count is not what was expected, both. */
export function printCounts(steps: readonly CountedStep[]): void {
  const width = Math.max(...steps.map(({ step }) => step.length));
  const cells = (of: Counted): string =>
    NAMES.map((name) => String(of[name] ?? 0).padStart(4)).join('');
  const heading = NAMES.map((name) => name.padStart(4)).join('');
  process.stdout.write(`\n${'operations'.padEnd(width)}${heading}\n`);
  for (const step of steps) {
    process.stdout.write(`${step.step.padEnd(width)}${cells(step.counts)}\n`);
    if (!isAsExpected(step)) {
      process.stdout.write(`${'  expected'.padEnd(width)}${cells(step.expected)}\n`);
    }
  }
}
