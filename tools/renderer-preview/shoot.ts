// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { buildPreview } from './build.ts';
import { servePreview } from './serve.ts';

/**
 * Screenshots of scenarios: `node tools/renderer-preview/shoot.ts --size 1280x800 --theme dark
 * start/unlock chats/none-open`. Complains about everything the page said on its console.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', multiple: true, default: ['1280x800'] },
    theme: { type: 'string', multiple: true, default: ['light'] },
    speak: { type: 'string', default: 'en' },
    out: { type: 'string', default: 'out/renderer-shots' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    zoom: { type: 'string', default: '1' },
    'no-build': { type: 'boolean', default: false },
  },
});

const top = resolve(import.meta.dirname, '../..');
const folder = values['no-build'] ? resolve(top, 'out/renderer-preview') : await buildPreview();
const out = resolve(top, values.out);
await mkdir(out, { recursive: true });
const served = await servePreview(folder);
const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ['--no-sandbox', '--force-color-profile=srgb', '--font-render-hinting=none'],
});
try {
  for (const size of values.size) {
    const [width = 1280, height = 800] = size.split('x').map(Number);
    for (const theme of values.theme) {
      const page = await browser.newPage({
        viewport: { width, height },
        colorScheme: theme === 'dark' ? 'dark' : 'light',
        reducedMotion: 'reduce',
        locale: 'en-GB',
        deviceScaleFactor: Number(values.zoom),
      });
      page.on('console', (line) => {
        process.stderr.write(`  ${line.type()}: ${line.text()}\n`);
      });
      page.on('pageerror', (error) => {
        process.stderr.write(`  error: ${error.message}\n`);
      });
      for (const scenario of positionals) {
        await page.goto(`${served.url}?scenario=${scenario}&speak=${values.speak}`);
        await page.waitForSelector('html[data-ready]', { state: 'attached', timeout: 10_000 });
        const name = `${scenario.replace('/', '-')}-${String(width)}-${theme}.png`;
        await page.screenshot({ path: resolve(out, name) });
        process.stdout.write(`${name}\n`);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  await served.stop();
}
