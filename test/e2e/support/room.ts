// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { searchLeaks } from '../../../tools/demo/leak-search.ts';

export const messages = (page: Page): Locator => page.getByRole('list', { name: 'Messages' });

/** The row of one message, with its marks and notes. */
export const row = (page: Page, text: string): Locator =>
  messages(page).getByRole('listitem').filter({ hasText: text });

/** A line that Sotto itself wrote; what it offers to do may stand behind it. */
export const line = (page: Page, text: string | RegExp): Locator =>
  messages(page).getByRole('paragraph').filter({ hasText: text });

export const card = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('main').getByRole('region', { name });

export const panel = (page: Page): Locator =>
  page.getByRole('complementary', { name: 'Encryption' });

export const progress = (page: Page): Locator =>
  panel(page).getByRole('region', { name: 'Verification' });

export async function openPanel(page: Page): Promise<void> {
  if (!(await panel(page).isVisible())) await page.keyboard.press('Control+Shift+P');
  await panel(page).waitFor();
}

export async function choosePanelMenu(page: Page, entry: string): Promise<void> {
  await openPanel(page);
  await panel(page).getByRole('button', { name: 'More: refresh keys, end, details' }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** Sets one of the rules for the open contact. */
export async function setRule(page: Page, label: string | RegExp, choice: string): Promise<void> {
  await openPanel(page);
  const select = panel(page).getByRole('combobox', { name: label });
  await select.selectOption({ label: choice });
  const chosen = select.locator('option:checked').and(select.getByText(choice, { exact: true }));
  await chosen.waitFor({ state: 'attached' });
}

export const dialogs = (page: Page): Locator => page.locator('[role=dialog], [role=alertdialog]');

/**
 * The server saw what was said on the record, so it would have seen the secrets as well; they are
 * nowhere in what it sent, received and stored, in no usual encoding.
 */
export async function expectServerNeverSaw(
  prosody: Prosody,
  secrets: readonly string[],
  control: string,
): Promise<void> {
  expect(await prosody.readWire()).toContain(control);
  expect(searchLeaks([prosody.folder], secrets)).toEqual([]);
}
