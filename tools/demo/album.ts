// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Takes numbered pictures. Knows nothing of what is on them. */
export class Album {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) {
      if (/^\d\d-.*\.png$/.test(file)) rmSync(join(folder, file));
    }
  }

  get size(): number {
    return this.#count;
  }

  /** Waits until fonts and transitions have settled, then takes the whole window. */
  async take(page: Page, name: string): Promise<void> {
    await page.evaluate(async () => {
      await document.fonts.ready;
      await Promise.all(
        document
          .getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
          .map(({ finished }) => finished.catch(() => undefined)),
      );
    });
    this.#count += 1;
    const number = String(this.#count).padStart(2, '0');
    await page.screenshot({ path: join(this.#folder, `${number}-${name}.png`) });
  }
}
