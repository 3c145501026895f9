import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const FEW_RUNS = resolve('test/support/few-runs.ts');

/** Whole networks: what they find, nearer and cheaper tests have to find. */
const FAR = ['test/otr/session/network.test.ts'];

/** From the bottom up: the test nearest to a mutant is the cheapest one. */
const ROOMS = ['codec', 'crypto', 'profile', 'ratchet', 'smp', 'dake', 'session'];

const placeOf = ({ moduleId }: TestSpecification): number =>
  ROOMS.findIndex((room) => moduleId.includes(`/test/otr/${room}/`));

class NearestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((left, right) => placeOf(left) - placeOf(right)));
  }
}

const fewRuns: Plugin = {
  name: 'few-runs',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === 'fast-check' && importer !== FEW_RUNS ? FEW_RUNS : undefined,
};

/** The tests of the engine as a mutation run takes them (stryker.config.js, docs/adr/0027). */
export default defineConfig({
  plugins: [fewRuns],
  test: {
    include: ['test/otr/**/*.test.ts'],
    exclude: FAR,
    environment: 'node',
    testTimeout: 60_000,
    sequence: { sequencer: NearestFirst },
  },
});
