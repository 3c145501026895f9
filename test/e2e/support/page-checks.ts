// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from '../../support/axe.ts';

const WIDE = { width: 1280, height: 800 } as const;
const NARROW = { width: 360, height: 740 } as const;

const LOOKS = [
  { ...WIDE, colorScheme: 'light' },
  { ...WIDE, colorScheme: 'dark' },
  { ...NARROW, colorScheme: 'light' },
] as const;

/** What a page complained about from now on: errors, and what its policy refused. */
export async function listenToComplaints(page: Page): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (said) => {
    if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text());
  });
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  return complaints;
}

/** What sticks out of the window at its sides, or lets the page scroll sideways. */
const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`the page: ${String(scrollWidth)} px`] : [];
    const out = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      const hidden = element.closest('.visually-hidden, [aria-hidden=true], .more, .ellipsis *');
      return width > 0 && hidden === null && (left < -1 || right > innerWidth + 1);
    });
    return [...wide, ...out.map((element) => element.outerHTML.slice(0, 120))];
  });

/** The new size has been drawn: media queries are told of it a frame later, and then rendered. */
const settled = (page: Page, { width }: { readonly width: number }): Promise<unknown> =>
  page.evaluate(async (wanted) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let frames = 0; innerWidth !== wanted && frames < 600; frames += 1) await frame();
    await frame();
    await frame();
    await Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => undefined)),
    );
  }, width);

/** Day and night, wide and narrow: nothing for axe to find, and nothing beyond the edge. */
export async function inspect(page: Page, screen: string): Promise<void> {
  for (const { colorScheme, width, height } of LOOKS) {
    const look = `${screen}, ${colorScheme}, ${String(width)} px`;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await settled(page, { width });
    expect.soft(await violations(page), look).toEqual([]);
    expect.soft(await overflowing(page), look).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(WIDE);
  await settled(page, WIDE);
}
