// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { beforeEach } from 'vitest';

/** What the screens said when a test failed, as a screen reader would have it. */
export function tellScreensOnFailure(pages: () => readonly Page[]): void {
  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => {
      for (const page of pages()) {
        process.stderr.write(`${await page.locator('body').ariaSnapshot()}\n\n`);
      }
    });
  });
}
