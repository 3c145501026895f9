// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { formatWindowState, parseWindowState, type WindowState } from './window-state.ts';

export interface WindowStateStore {
  readonly load: () => WindowState | undefined;
  readonly save: (state: WindowState) => void;
}

/**
 * Keeps the window's place in a file of its own: it is needed before the store can be opened, and
 * says nothing about anybody. Losing it costs nothing, so a failure to write is no failure.
 */
export function createWindowStateFile(path: string): WindowStateStore {
  return {
    load: () => {
      try {
        return parseWindowState(readFileSync(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    save: (state) => {
      try {
        writeFileSync(`${path}.new`, formatWindowState(state), { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch {
        // A full or read-only disk: the window opens at its default place next time.
      }
    },
  };
}
