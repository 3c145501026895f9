// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';

export const composer = (page: Page): Locator =>
  page.getByRole('textbox', { name: /^Message to / });

/** The header chip, by the text it shows. */
export const chip = (page: Page, text: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^${text}.*Opens encryption panel$`) });

/** One message on screen. */
export const bubble = (page: Page, text: string): Locator =>
  page.getByRole('list', { name: 'Messages' }).getByText(text, { exact: true });

export async function write(page: Page, text: string): Promise<void> {
  const field = composer(page);
  await field.fill(text);
  await field.press('Enter');
}

/** Opens the panel if it is not open and presses its primary button. */
export async function startOffTheRecord(page: Page): Promise<void> {
  const panel = page.getByRole('complementary', { name: 'Encryption' });
  if (!(await panel.isVisible())) await chip(page, 'Not encrypted').click();
  await panel.getByRole('button', { name: /^Start off the record|^Start anyway/ }).click();
}

/** The four lines that are shown the first time. */
export const startSheet = (page: Page): Locator =>
  page.getByRole('dialog', { name: 'Off the record' });

export const invitation = (page: Page): Locator =>
  page.getByRole('region', { name: /wants to talk off the record/ });

export async function closePanel(page: Page): Promise<void> {
  const panel = page.getByRole('complementary', { name: 'Encryption' });
  if (await panel.isVisible()) await panel.getByRole('button', { name: 'Close' }).click();
}

/** Ends off the record, through the menu and its confirmation. */
export async function endOffTheRecord(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+E');
  const dialog = page.getByRole('dialog', { name: /^End off the record/ });
  await dialog.getByRole('button', { name: 'End and remove' }).click();
  await dialog.waitFor({ state: 'hidden' });
}
