// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';

/** Asks somebody to become a contact. */
export async function addContact(page: Page, jid: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New chat' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add a contact' });
  await dialog.getByLabel('Address', { exact: true }).fill(jid);
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByRole('button', { name: 'Send request' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Says yes to a waiting contact request. */
export async function acceptRequest(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'Requests' })
    .getByRole('button', { name: 'Accept', exact: true })
    .click();
}

/** Gives a contact another name, through the menu of its row. */
export async function renameContact(page: Page, from: string, to: string): Promise<void> {
  await chatRow(page, from).hover();
  await page
    .getByRole('button', { name: `More for ${from}` })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByLabel('Name', { exact: true }).fill(to);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

export const chatRow = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name }).first();

export async function openChat(page: Page, name: string): Promise<void> {
  await chatRow(page, name).click();
  await page.getByRole('textbox', { name: `Message to ${name}` }).waitFor();
}
