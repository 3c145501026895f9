import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import { punycodePackage } from './tools/bundling/punycode-package.ts';

const at = (path: string): string => resolve(import.meta.dirname, path);

/** Three bundles: main (ESM), preload (one CommonJS file, as the sandbox demands), renderer. */
export default defineConfig({
  main: {
    plugins: [punycodePackage],
    build: {
      externalizeDeps: { include: ['better-sqlite3'] },
      rolldownOptions: { input: { index: at('src/main/index.ts') } },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: at('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [vue()],
    define: {
      __VUE_OPTIONS_API__: false,
      __VUE_PROD_DEVTOOLS__: false,
      __VUE_I18N_FULL_INSTALL__: false,
      __VUE_I18N_LEGACY_API__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
      // Inlined assets would need `data:` in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Loaded from the disk beside it, not over a network.
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: { index: at('src/renderer/index.html') } },
    },
  },
});
