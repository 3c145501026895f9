// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Look, openPreview, type Preview } from './open-browser.ts';
import { scenarios } from './preview/scenarios/conversation.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const all = Object.keys(scenarios).map((name) => `conversation/${name}`);
const looks: readonly Look[] = all.flatMap((scenario) => [
  { scenario, width: 1280, height: 800, theme: 'light' },
  { scenario, width: 360, height: 740, theme: 'dark', speak: 'de' },
]);

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate<AxeResults>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** What sticks out of the window at its sides. */
const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('main *, aside *, [role=dialog] *, [role=alertdialog] *')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        const hidden = element.closest('.visually-hidden, .ellipsis, select, option') !== null;
        return width > 0 && !hidden && (left < -1 || right > innerWidth + 1);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

/** Controls that a finger or an unsteady hand misses (WCAG 2.5.8); links in a sentence are exempt. */
const tooSmall = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('main button, aside button, [role=dialog] button')]
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && (width < 23.9 || height < 23.9);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

let preview: Preview;

beforeAll(async () => {
  preview = await openPreview();
});

afterAll(async () => {
  await preview.stop();
});

describe('each look of a chat', () => {
  it.each(looks)(
    'ux:22 $scenario at $width px, $theme: axe finds nothing, nothing breaks the policy',
    async (look) => {
      await preview.show(look, async (page, complaints) => {
        expect(await violations(page)).toEqual([]);
        expect(complaints).toEqual([]);
      });
    },
  );

  it.each(all)(
    'ux:23 %s fits into 320 px in German and from right to left, every control big enough',
    async (scenario) => {
      for (const speak of ['de', 'pseudo'] as const) {
        const look = { scenario, width: 320, height: 640, theme: 'light', speak } as const;
        await preview.show(look, async (page) => {
          expect(await overflowing(page), speak).toEqual([]);
          expect(await tooSmall(page), speak).toEqual([]);
        });
      }
    },
  );
});
