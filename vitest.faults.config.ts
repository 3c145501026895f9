import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: lines that break, servers that die, again and again (docs/faults.md). */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 1,
    hookTimeout: 60_000,
    reporters: ['verbose', './test/support/closing-reporter.ts'],
  },
});
