import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` as the very last line. A file that fails outside its tests counts as a failure. */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
      // What failed around the tests, such as a file that does not load or a hook.
      if (module.state() === 'failed' && failed === before) failed += 1;
    }
    process.on('exit', () => {
      process.stdout.write(`\n${String(passed)} passed, ${String(failed)} failed\n`);
    });
  }
}
