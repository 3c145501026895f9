// SPDX-License-Identifier: GPL-3.0-or-later
import type { App } from './app.ts';
import type { BrowserWindow } from './browser-window.ts';
import type { Chromium } from './chromium.ts';
import type { ContentsRegistry } from './contents-registry.ts';
import type { IpcMain } from './ipc-main.ts';
import type { NativeTheme } from './native-theme.ts';
import type { Sessions } from './session.ts';

export interface Windows {
  readonly all: readonly BrowserWindow[];
  readonly size: number;
  readonly latest: BrowserWindow | undefined;
  focused: BrowserWindow | undefined;
  add(window: BrowserWindow): void;
  delete(window: BrowserWindow): void;
}

/** The parts of the one process that this imitates; Electron keeps them global, so do we, once. */
export interface Host {
  readonly app: App;
  readonly ipcMain: IpcMain;
  readonly sessions: Sessions;
  readonly contents: ContentsRegistry;
  readonly windows: Windows;
  readonly nativeTheme: NativeTheme;
  chromium: Chromium | undefined;
}

let current: Host | undefined;

export function setHost(host: Host): void {
  current = host;
}

export function host(): Host {
  if (current === undefined) throw new Error('The electron double has not been set up');
  return current;
}

export function runningChromium(): Chromium {
  const { chromium } = host();
  if (chromium === undefined) throw new Error('Cannot create BrowserWindow before app is ready');
  return chromium;
}

export function createWindows(): Windows {
  const windows = new Set<BrowserWindow>();
  return {
    focused: undefined,
    get all() {
      return [...windows];
    },
    get size() {
      return windows.size;
    },
    get latest() {
      return [...windows].at(-1);
    },
    add: (window) => {
      windows.add(window);
    },
    delete(window) {
      windows.delete(window);
      if (this.focused === window) this.focused = undefined;
    },
  };
}
