// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.ts';
import {
  fit,
  openPreview,
  type Preview,
  speak,
} from '../../tools/renderer-preview/open-browser.ts';
import { scenarios } from './preview/scenarios/conversation.ts';

const all = Object.keys(scenarios).map((name) => `conversation/${name}`);
const wide = { width: 1280, height: 800, theme: 'light' } as const;
const narrow = { width: 360, height: 740, theme: 'dark', speak: 'de' } as const;
const narrowest = { width: 320, height: 640, theme: 'dark' } as const;

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
  it.each(all)(
    'ux:22 ux:23 %s, narrow, dark and German, wide, light and English: axe finds nothing; 320 px hold it, from right to left too, every control big enough; nothing breaks the policy',
    async (scenario) => {
      await preview.show({ scenario, ...narrow }, async (page, complaints) => {
        expect(await violations(page)).toEqual([]);
        await fit(page, wide);
        await speak(page, 'en');
        expect(await violations(page), 'wide').toEqual([]);
        await fit(page, narrowest);
        for (const language of ['de', 'pseudo'] as const) {
          await speak(page, language);
          expect(await overflowing(page), language).toEqual([]);
          expect(await tooSmall(page), language).toEqual([]);
        }
        expect(complaints).toEqual([]);
      });
    },
  );
});
