// SPDX-License-Identifier: GPL-3.0-or-later

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end. The error of a failed one carries what it printed. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { timeout: 60_000 });
  return stdout;
}
