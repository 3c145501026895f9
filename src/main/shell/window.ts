// SPDX-License-Identifier: GPL-3.0-or-later

import {
  BrowserWindow,
  screen,
  type BrowserWindowConstructorOptions,
  type WebPreferences,
} from 'electron';
import { START_URL, UI_PARTITION } from './origin.ts';
import { MIN_SIZE, placeWindow, type WindowPlacement, type WindowState } from './window-state.ts';

export interface WindowOptions {
  /** Absolute path of the bundled preload. */
  readonly preload: string;
  readonly isPackaged: boolean;
  /** Colour of the window before its first paint; the theme's frame. */
  readonly backgroundColor: string;
  /** Absolute path of the icon; Linux only takes it from here. */
  readonly icon?: string;
  /** What `saveState` was given last time. */
  readonly state: WindowState | undefined;
  readonly saveState: (state: WindowState) => void;
  /** Before the page loads: from then on it may ask for something. */
  readonly onCreated?: (window: BrowserWindow) => void;
}

/**
 * Each key is written out, also where it repeats a default, and nothing is spread in: whoever
 * changes one sees it here. `enableBlinkFeatures`, `disableBlinkFeatures` and `additionalArguments`
 * stay unset.
 */
export function webPreferencesFor(preload: string, isPackaged: boolean): WebPreferences {
  return {
    allowRunningInsecureContent: false,
    autoplayPolicy: 'document-user-activation-required',
    contextIsolation: true,
    devTools: !isPackaged,
    disableDialogs: true,
    enableWebSQL: false,
    experimentalFeatures: false,
    images: true,
    javascript: true,
    navigateOnDragDrop: false,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    partition: UI_PARTITION,
    plugins: false,
    preload,
    safeDialogs: true,
    sandbox: true,
    // What is typed would reach dictionaries on disk.
    spellcheck: false,
    v8CacheOptions: 'none',
    webSecurity: true,
    webgl: false,
    webviewTag: false,
  };
}

export function windowOptionsFor(
  options: WindowOptions,
  placement: WindowPlacement,
): BrowserWindowConstructorOptions {
  const { x, y, width, height } = placement;
  return {
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    show: false,
    title: 'Sotto',
    backgroundColor: options.backgroundColor,
    // Alt shows it; every command is also in the window itself.
    autoHideMenuBar: true,
    ...(options.icon === undefined ? {} : { icon: options.icon }),
    webPreferences: webPreferencesFor(options.preload, options.isPackaged),
  };
}

/**
 * Opens the window and loads the renderer. It is shown when its first frame is ready.
 * The session's protocol and hardening must be in place before.
 */
export async function openWindow(options: WindowOptions): Promise<BrowserWindow> {
  const workAreas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const placement = placeWindow(options.state, workAreas);
  const window = new BrowserWindow(windowOptionsFor(options, placement));
  options.onCreated?.(window);
  if (placement.maximized) window.maximize();
  // The title never says who is being talked to: window lists and screen sharing show it.
  window.on('page-title-updated', (event) => {
    event.preventDefault();
  });
  window.once('ready-to-show', () => {
    window.show();
  });
  saveStateOf(window, options.saveState);
  await window.loadURL(START_URL);
  return window;
}

function saveStateOf(window: BrowserWindow, save: (state: WindowState) => void): void {
  const saveNow = (): void => {
    if (window.isDestroyed() || window.isMinimized()) return;
    save({ bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  };
  window.on('close', saveNow);
  window.on('blur', saveNow);
  window.on('maximize', saveNow);
  window.on('unmaximize', saveNow);
}

/** Brings the window in front of the user, wherever it is. */
export function revealWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
