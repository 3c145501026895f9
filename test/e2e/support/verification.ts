// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';
import { openWay } from '../../../tools/driver/verify.ts';

export const compareDialog = (page: Page): Locator =>
  page.getByRole('dialog', { name: 'Compare security codes' });

export async function openCompare(page: Page, name: string): Promise<Locator> {
  await openWay(page, name, /We are together/);
  const dialog = compareDialog(page);
  await dialog.waitFor();
  return dialog;
}

export async function compareCodes(
  page: Page,
  name: string,
  result: 'They match' | 'They are different',
): Promise<void> {
  const dialog = await openCompare(page, name);
  await dialog.getByRole('button', { name: result }).click();
  await dialog.waitFor({ state: 'hidden' });
}
