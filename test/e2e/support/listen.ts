// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';

declare global {
  interface Window {
    spoken: string[];
  }
}

/** Writes down what a screen reader says by itself: each new text of a live region, once. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const spoken: string[] = [];
    window.spoken = spoken;
    const regionOf = (node: Node): Element | null =>
      (node instanceof Element ? node : node.parentElement)?.closest(
        '[role=status], [role=alert]',
      ) ?? null;
    new MutationObserver((changes) => {
      const regions = new Set(changes.map(({ target }) => regionOf(target)));
      for (const region of regions) {
        const text = (region?.textContent ?? '').replace(/\s+/g, ' ').trim();
        if (text !== '') spoken.push(text);
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
}

/** How often this state was said, with or without its qualifier, since it was last forgotten. */
export const timesSpoken = (page: Page, text: string): Promise<number> =>
  page.evaluate(
    (wanted) =>
      window.spoken.filter((each) => each === wanted || each.startsWith(`${wanted} · `)).length,
    text,
  );

export const forgetSpoken = (page: Page): Promise<void> =>
  page.evaluate(() => {
    window.spoken.length = 0;
  });
