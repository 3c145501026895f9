import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

/**
 * Threads that start from sources strip their types with WebAssembly. V8 13.6 can free a wrapper of an
 * import twice when one thread makes it faster after another has ended, and takes the process with it
 * ("Check failed: jit_page.has_value()" under WasmImportWrapperCache::Free; seen twice in some 5,000 threads).
 * No import is called so often that it would be made faster then. What is built has no WebAssembly.
 */
const NO_FASTER_WRAPPERS = '--wasm-wrapper-tiering-budget=1000000000';

const node = (name: string, include: string[], timeoutMs = 20_000) => ({
  test: {
    name,
    include,
    environment: 'node',
    execArgv: [NO_FASTER_WRAPPERS],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
  },
});

/** One run of all projects, so that one line closes it (test/support/closing-reporter.ts). */
export default defineConfig({
  test: {
    // Two cores are what CI has; most files wait for a browser or a server half of their time.
    maxWorkers: 2,
    reporters: ['default', './test/support/closing-reporter.ts'],
    projects: [
      node('otr', ['test/otr/**/*.test.ts'], 60_000),
      node(
        'main',
        [
          'test/{shared,xmpp,store,vault,settings,log,conversation,account,prekeys,ipc,shell,dh,prekey-server}/**/*.test.ts',
        ],
        60_000,
      ),
      node('house', ['test/house/**/*.test.ts'], 60_000),
      node('tools', ['test/tools/**/*.test.ts'], 60_000),
      node('double', ['test/electron-double/**/*.test.ts'], 60_000),
      node('renderer-browser', ['test/renderer-browser/**/*.test.ts'], 120_000),
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.ts'],
          environment: 'happy-dom',
          testTimeout: 20_000,
        },
      },
      node('e2e', ['test/e2e/**/*.test.ts'], 180_000),
    ],
  },
});
