// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';

const isThere = (command: string): boolean => spawnSync('which', [command]).status === 0;

/** Says which of the commands are missing, once, so that skipped tests have their reason. */
export function areThere(...commands: readonly string[]): boolean {
  const missing = commands.filter((command) => !isThere(command));
  if (missing.length > 0) {
    console.warn(`Skipped, because this machine has no ${missing.join(', no ')}.`);
  }
  return missing.length === 0;
}
