// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';

/** Opens the page of the settings that says whether this device can be reached off the record. */
export async function lookAtHealth(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Off-the-record health' }).click();
  const main = page.getByRole('main');
  await main.getByRole('heading', { name: 'Off-the-record health' }).waitFor();
  return main;
}
