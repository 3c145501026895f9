// SPDX-License-Identifier: GPL-3.0-or-later

import type { Locator, Page } from 'playwright-core';

export const verifyDialog = (page: Page, name: string): Locator =>
  page.getByRole('dialog', { name: `Verify ${name}` });

/** Opens the dialog on one of its ways; one that is still closing would swallow the shortcut. */
export async function openWay(page: Page, name: string, way: RegExp): Promise<Locator> {
  const dialog = verifyDialog(page, name);
  await dialog.waitFor({ state: 'hidden' });
  await page.keyboard.press('Control+Shift+Y');
  await dialog.getByRole('tab', { name: way }).click();
  return dialog;
}

/** Opens the dialog on the way "We share a memory" and fills it in. */
export async function prepareQuestion(
  page: Page,
  ask: { readonly name: string; readonly question: string; readonly answer: string },
): Promise<Locator> {
  const dialog = await openWay(page, ask.name, /We share a memory/);
  await dialog.getByLabel('Question', { exact: true }).fill(ask.question);
  await dialog.getByLabel('Answer', { exact: true }).fill(ask.answer);
  return dialog;
}

export async function sendQuestion(dialog: Locator, name: string): Promise<void> {
  await dialog.getByRole('button', { name: `Ask ${name}` }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** The card with the other side's question. */
export const questionCard = (page: Page): Locator =>
  page.getByRole('region', { name: /wants to check/ });

export async function answerQuestion(page: Page, answer: string): Promise<void> {
  await questionCard(page).getByRole('button', { name: 'Answer…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Answer / });
  await dialog.getByLabel('Your answer', { exact: true }).fill(answer);
  await dialog.getByRole('button', { name: 'Answer', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}
