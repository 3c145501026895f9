// SPDX-License-Identifier: GPL-3.0-or-later

/** One thing to be timed. Each call does the whole work once. */
export type Work = () => void | Promise<void>;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

async function timeMs(work: Work, repeats: number): Promise<number> {
  const start = performance.now();
  for (let round = 0; round < repeats; round += 1) await work();
  return (performance.now() - start) / repeats;
}

export interface RaceOptions {
  readonly rounds: number;
  /** Calls per round and competitor; the time is per call. */
  readonly repeats: number;
}

/** One competitor. `before` is not timed. */
export interface Runner {
  readonly work: Work;
  readonly before?: Work;
  /** Instead of the race's own. */
  readonly repeats?: number;
}

/** Milliseconds per call. */
export interface Timing {
  readonly median: number;
  /** Of the round that nobody disturbed. Ratios are of these: a busy machine disturbs long rounds more. */
  readonly best: number;
}

/**
 * Times competitors in turn, A B A B …, so that a machine that slows down slows both. The first round
 * warms up and does not count.
 */
export async function contest(
  runners: readonly Runner[],
  { rounds, repeats }: RaceOptions,
): Promise<readonly Timing[]> {
  const times: number[][] = runners.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { work, before, repeats: own }] of runners.entries()) {
      await before?.();
      const ms = await timeMs(work, own ?? repeats);
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times.map((list) => ({ median: median(list), best: Math.min(...list) }));
}

/** {@link contest} of works that need no preparation. @returns the medians, in the order given */
export async function race(
  works: readonly Work[],
  options: RaceOptions,
): Promise<readonly number[]> {
  const timings = await contest(
    works.map((work) => ({ work })),
    options,
  );
  return timings.map((timing) => timing.median);
}

/** Two competitors: our time and the ratio of the two. */
export async function duel(
  ours: Runner,
  theirs: Runner,
  options: RaceOptions,
): Promise<{ readonly median: number; readonly ratio: number }> {
  const [first, second] = await contest([ours, theirs], options);
  if (first === undefined || second === undefined) throw new RangeError('a race of two');
  return { median: first.median, ratio: first.best / second.best };
}
