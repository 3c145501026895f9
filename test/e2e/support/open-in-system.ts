// SPDX-License-Identifier: GPL-3.0-or-later

import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { findElectron } from '../../../tools/electron/find-electron.ts';

/** A second start of the program with a link, as the desktop does it: it hands the link over and ends. */
export async function openInSystem(profile: string, link: string): Promise<void> {
  const { executable, env } = findElectron(false);
  const args = [process.cwd(), `--user-data-dir=${profile}`, link];
  await promisify(execFile)(executable, args, { env: { ...process.env, ...env } });
}
