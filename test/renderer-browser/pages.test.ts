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
import { scenarios as chats } from './preview/scenarios/chats.ts';
import { scenarios as devices } from './preview/scenarios/devices.ts';
import { scenarios as links } from './preview/scenarios/links.ts';
import { scenarios as settings } from './preview/scenarios/settings.ts';
import { scenarios as start } from './preview/scenarios/start.ts';

const names = (file: string, scenarios: object): readonly string[] =>
  Object.keys(scenarios).map((name) => `${file}/${name}`);

const all = [
  ...names('start', start),
  ...names('chats', chats),
  ...names('settings', settings),
  ...names('devices', devices),
  ...names('links', links),
];

const wide = { width: 1280, height: 800 } as const;
const narrow = { width: 360, height: 740, theme: 'dark', speak: 'de' } as const;
const narrowest = { width: 320, height: 640, theme: 'dark' } as const;

/** What sticks out of the window at its sides, or can be scrolled sideways. */
const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        const hidden =
          element.closest('.visually-hidden, [aria-hidden=true], .more, .ellipsis *') !== null;
        return width > 0 && !hidden && (left < -1 || right > innerWidth + 1);
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

describe('each page', () => {
  it.each(all)(
    'ux:22 ux:23 %s, narrow, dark and German, wide, light and English: axe finds nothing; 320 px hold it, from right to left too; nothing breaks the policy',
    async (scenario) => {
      await preview.show({ scenario, ...narrow }, async (page, complaints) => {
        expect(await violations(page)).toEqual([]);
        await fit(page, { ...wide, theme: 'light' });
        await speak(page, 'en');
        expect(await violations(page), 'wide').toEqual([]);
        await fit(page, narrowest);
        for (const language of ['de', 'pseudo'] as const) {
          await speak(page, language);
          expect(await overflowing(page), language).toEqual([]);
        }
        expect(complaints).toEqual([]);
      });
    },
  );
});

describe('the keyboard', () => {
  it('ux:22 shows where it is on every control of the chat list', async () => {
    await preview.show({ scenario: 'chats/requests', ...wide, theme: 'light' }, async (page) => {
      const seen = new Set<string>();
      await page.getByRole('searchbox').focus();
      for (let turn = 0; turn < 12; turn += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === null || element === document.body) return undefined;
          const ringed = element.closest('.search, .box') ?? element;
          const { outlineStyle, outlineWidth } = getComputedStyle(ringed);
          return { html: element.outerHTML.slice(0, 80), ring: `${outlineStyle} ${outlineWidth}` };
        });
        if (at === undefined) break;
        expect(at.ring, at.html).toBe('solid 2px');
        seen.add(at.html);
      }
      expect(seen.size).toBeGreaterThan(6);
    });
  });

  it('ux:22 goes round the parts of the window with F6', async () => {
    await preview.show({ scenario: 'chats/none-open', ...wide, theme: 'light' }, async (page) => {
      const region = () =>
        page.evaluate(() => document.activeElement?.closest('nav, main')?.tagName);
      await page.keyboard.press('F6');
      const first = await region();
      await page.keyboard.press('F6');
      const second = await region();
      expect(new Set([first, second])).toEqual(new Set(['NAV', 'MAIN']));
      await page.keyboard.press('F6');
      expect(await region()).toBe(first);
    });
  });

  it('ux:22 goes on where the page goes on: settings and back', async () => {
    await preview.show({ scenario: 'chats/none-open', ...wide, theme: 'light' }, async (page) => {
      const at = () => page.evaluate(() => document.activeElement?.textContent.trim());
      expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
      await page.getByRole('button', { name: 'Settings' }).press('Enter');
      await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
      expect(await at()).toBe('Account');
      await page.getByRole('button', { name: 'Back to chats' }).press('Enter');
      await page.getByRole('heading', { name: 'No chat open' }).waitFor();
      expect(await at()).toContain('Bob Lindqvist');
    });
  });

  it('keeps the focus inside an open dialog and gives it back on Escape', async () => {
    await preview.show({ scenario: 'chats/none-open', ...wide, theme: 'light' }, async (page) => {
      await page.getByRole('button', { name: 'New chat' }).first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      for (let turn = 0; turn < 8; turn += 1) {
        await page.keyboard.press('Tab');
        expect(
          await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null),
        ).toBe(true);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
        'New chat',
      );
    });
  });
});

describe('the frame', () => {
  const widths = async (width: number, scenario = 'chats/none-open') =>
    preview.show({ scenario, width, height: 800, theme: 'light' }, (page) =>
      page.evaluate(() =>
        ['list', 'chat'].map(
          (name) => document.querySelector(`.cell.${name}`)?.getBoundingClientRect().width,
        ),
      ),
    );

  it('gives the list 344, 304 or the whole window', async () => {
    expect(await widths(1440)).toEqual([344, 1096]);
    expect(await widths(1280)).toEqual([304, 976]);
    expect(await widths(820)).toEqual([304, 516]);
    expect(await widths(699)).toEqual([699, 0]);
    expect(await widths(360)).toEqual([360, 0]);
  });
});
