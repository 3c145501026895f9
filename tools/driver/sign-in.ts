// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';

export interface Credentials {
  readonly jid: string;
  readonly password: string;
  /** Register the account on the server first. */
  readonly create: boolean;
  /** Where the server is, when its name alone does not tell. */
  readonly server?: { readonly host: string; readonly port: number };
}

/** Fills in the first page of onboarding and leaves it to the caller to go on. */
export async function fillAddress(page: Page, credentials: Credentials): Promise<void> {
  await page.getByLabel('Address', { exact: true }).fill(credentials.jid);
  await page.getByLabel('Password', { exact: true }).fill(credentials.password);
  if (credentials.create) await page.getByRole('button', { name: 'Create an account' }).click();
  if (credentials.server === undefined) return;
  const host = page.getByLabel('Server', { exact: true });
  if (!(await host.isVisible())) {
    await page.getByRole('button', { name: 'Server settings' }).click();
  }
  await host.fill(credentials.server.host);
  await page.getByLabel('Port', { exact: true }).fill(String(credentials.server.port));
}

/** From the address to the two questions about keys. */
export async function submitAddress(page: Page, { create }: Credentials): Promise<void> {
  await page
    .getByRole('button', { name: create ? 'Create account' : 'Sign in', exact: true })
    .click();
}

/** Accepts the answers the key page suggests. */
export async function finishKeys(page: Page, deviceLabel?: string): Promise<void> {
  if (deviceLabel !== undefined) await page.getByLabel('Name of this device').fill(deviceLabel);
  await page.getByRole('button', { name: 'Finish' }).click();
}

export async function waitUntilOnline(page: Page): Promise<void> {
  await page
    .getByRole('group', { name: 'Your account' })
    .getByText(/Online$/)
    .waitFor({ state: 'attached' });
}

/** The whole of it: from the first window to the chat list. */
export async function signIn(page: Page, credentials: Credentials): Promise<void> {
  await fillAddress(page, credentials);
  await submitAddress(page, credentials);
  await finishKeys(page);
  await page.getByRole('button', { name: 'New chat' }).first().waitFor();
}
