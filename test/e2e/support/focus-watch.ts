// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';

declare global {
  interface Window {
    focusWatch: string[];
  }
}

/** Writes down each time the focus goes to another element, and each dialog that comes up. */
export async function watchFocus(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: string[] = [];
    window.focusWatch = seen;
    document.addEventListener('focusin', ({ target }) => {
      seen.push(`focus: ${target instanceof HTMLElement ? target.outerHTML.slice(0, 80) : ''}`);
    });
    document.addEventListener('focusout', () => {
      seen.push('focus lost');
    });
    new MutationObserver((changes) => {
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      for (const node of added) {
        if (!(node instanceof Element)) continue;
        const dialog = '[role=dialog], [role=alertdialog], dialog, [popover]';
        if (node.matches(dialog) || node.querySelector(dialog) !== null) seen.push('dialog');
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
}

/** What moved since. Empty: the person was left alone. */
export const focusMoves = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => window.focusWatch.splice(0));

/** The accessible name of where the caret stands, as far as an attribute or its text gives it. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent.trim() ?? '';
  });
