// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import error from '#shared/i18n/en/error.json' with { type: 'json' };
import type { AppErrorCode } from '#shared/errors/app-error.ts';

const WAIT_MS = 20_000;

/** What the screen says for a code: the sentence as people read it. */
export const sentenceOf = (code: AppErrorCode): string => error[code].replaceAll("{'@'}", '@');

/** Waits for a value that the screen comes to show. */
export const eventually: typeof expect.poll = (read, options) =>
  expect.poll(read, { timeout: WAIT_MS, interval: 50, ...options });

/** What is said beside a field, as somebody hears it who cannot see it. */
export async function saidBeside(field: Locator): Promise<string> {
  const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const texts = ids.map((id) => field.page().locator(`[id="${id}"]`).textContent());
  return (await Promise.all(texts)).join(' ').trim();
}

/** Everything that is being told at once: refusals beside fields, and above the form. */
export const alerts = async (page: Page): Promise<readonly string[]> =>
  (await page.getByRole('alert').allTextContents())
    .map((text) => text.trim())
    .filter((text) => text !== '');
