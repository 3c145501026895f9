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

const EVEN = 2;

/** The QR code on this screen as a photograph of it; a camera's pictures have even sides. */
export async function photograph(dialog: Locator): Promise<Buffer> {
  const code = dialog.getByRole('img', { name: /^QR code/ });
  await code.scrollIntoViewIfNeeded();
  const box = await code.boundingBox();
  if (box === null) throw new RangeError('no QR code on screen');
  const [x, y] = [Math.floor(box.x), Math.floor(box.y)];
  const [width, height] = [box.width, box.height].map((side) => EVEN * Math.ceil(side / EVEN));
  const clip = { x, y, width: width ?? EVEN, height: height ?? EVEN };
  return dialog.page().screenshot({ type: 'jpeg', quality: 90, clip });
}

export const choosePicture = (
  dialog: Locator,
  buffer: Buffer,
  mimeType: `image/${string}`,
): Promise<void> =>
  dialog.locator('input[type=file]').setInputFiles({ name: 'picture', mimeType, buffer });

export async function compareCodes(
  page: Page,
  name: string,
  result: 'They match' | 'They are different',
): Promise<void> {
  const dialog = await openCompare(page, name);
  await dialog.getByRole('button', { name: result }).click();
  await dialog.waitFor({ state: 'hidden' });
}
