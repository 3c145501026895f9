import { defineConfig } from 'vitest/config';

/** `npm run test:peers`: the application beside clients that other people wrote. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['verbose', './test/support/closing-reporter.ts'],
  },
});
