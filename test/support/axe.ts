// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A menu hangs on its button; it is no part of the page that a landmark should hold. */
const OUTSIDE_LANDMARKS = 'dialog, [role=dialog], [role=alertdialog], [role=menu], svg';

const configuration = JSON.stringify({
  checks: [{ id: 'region', options: { regionMatcher: OUTSIDE_LANDMARKS } }],
});

/** Violations alone: what passed need not be described, which is most of the time axe takes. */
const options = JSON.stringify({
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
});

/** Axe's finding and the markup it is about, so that a failure can be read. */
export async function violations(page: Page): Promise<readonly string[]> {
  if (await page.evaluate(() => !('axe' in window))) {
    await page.evaluate(source);
    await page.evaluate(`axe.configure(${configuration})`);
  }
  const found = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
