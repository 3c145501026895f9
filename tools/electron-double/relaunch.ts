// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn } from 'node:child_process';
import { executable } from './runtime.ts';

/**
 * Starts the application again, as `app.relaunch` promises for the moment this process ends.
 * A debugger's loader is not carried over: nobody would be there to let the new process go on.
 */
export function startAgain(options: Electron.RelaunchOptions, args: readonly string[]): void {
  if (process.env.ELECTRON_DOUBLE_RELAUNCH === 'off') return;
  const child = spawn(options.execPath ?? executable, options.args ?? args, {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
}
