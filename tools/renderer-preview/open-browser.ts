// SPDX-License-Identifier: GPL-3.0-or-later

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildPreview } from './build.ts';
import { servePreview } from './serve.ts';

const chromiums = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface Look {
  readonly scenario: string;
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  /** German, or what reads from right to left (preview/pseudo.ts). English where it is not set. */
  readonly speak?: 'de' | 'pseudo';
}

export interface Preview {
  /** Runs `see` on a page that shows a look; what the page complained about comes with it. */
  readonly show: <T>(
    look: Look,
    see: (page: Page, complaints: readonly string[]) => Promise<T>,
  ) => Promise<T>;
  readonly stop: () => Promise<void>;
}

function executable(): string {
  const found = process.env['SOTTO_CHROMIUM'] ?? chromiums.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no Chromium among ${chromiums.join(', ')}`);
  return found;
}

/** The page as it stands, in another window; it has answered to that when this comes back. */
export async function fit(page: Page, look: Omit<Look, 'scenario' | 'speak'>): Promise<void> {
  const { width, height, theme } = look;
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  // Listeners are called before the first frame, and what they change is drawn by the second.
  await page.evaluate(
    () =>
      new Promise((drawn) => {
        requestAnimationFrame(() => requestAnimationFrame(drawn));
      }),
  );
}

/** The page as it stands, in another language. There is no way back to English from what reads backwards. */
export async function speak(page: Page, language: 'en' | 'de' | 'pseudo'): Promise<void> {
  await page.evaluate((detail) => {
    document.dispatchEvent(new CustomEvent('speak', { detail }));
  }, language);
  const direction = language === 'pseudo' ? 'rtl' : 'ltr';
  await page.waitForSelector(`html[dir=${direction}]`, { state: 'attached' });
}

/** Builds the preview, serves it under the application's policy and opens a browser on it. */
export async function openPreview(): Promise<Preview> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-preview-'));
  await buildPreview(folder);
  const served = await servePreview(folder);
  const browser: Browser = await chromium.launch({
    executablePath: executable(),
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ locale: 'en-GB' });
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  return {
    show: async ({ scenario, speak = 'en', ...window }, see) => {
      complaints.length = 0;
      await fit(page, window);
      await page.goto(`${served.url}?scenario=${scenario}&speak=${speak}`);
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
      return see(page, complaints);
    },
    stop: async () => {
      await browser.close();
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
