// SPDX-License-Identifier: GPL-3.0-or-later

import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';

const top = resolve(import.meta.dirname, '../..');

/** Bundles the renderer with a fake main, for looking at it. Development only; nothing of it ships. */
export async function buildPreview(outDir = resolve(top, 'out/renderer-preview')): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: resolve(top, 'test/renderer-browser/preview'),
    plugins: [vue()],
    define: {
      __VUE_OPTIONS_API__: false,
      __VUE_PROD_DEVTOOLS__: false,
      __VUE_I18N_FULL_INSTALL__: false,
      __VUE_I18N_LEGACY_API__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Loaded from the disk beside it, not over a network.
      chunkSizeWarningLimit: 2000,
      target: 'esnext',
    },
  });
  return outDir;
}
