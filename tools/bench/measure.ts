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

/**
 * Times competitors in turn, A B A B …, so that a machine that slows down slows both. The first round
 * warms up and does not count.
 *
 * @returns the median of each, in milliseconds per call, in the order given
 */
export async function race(
  works: readonly Work[],
  { rounds, repeats }: RaceOptions,
): Promise<readonly number[]> {
  const times: number[][] = works.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, work] of works.entries()) {
      const ms = await timeMs(work, repeats);
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times.map(median);
}

/** The median of one thing alone, in milliseconds per call. */
export async function alone(work: Work, options: RaceOptions): Promise<number> {
  const [ms] = await race([work], options);
  return ms ?? Number.NaN;
}
