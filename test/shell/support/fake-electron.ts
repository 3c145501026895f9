// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { vi, type Mock } from 'vitest';
import type { BrowserWindowConstructorOptions, Rectangle, WebFrameMain } from 'electron';

/** A recording stand-in for the module `electron`, given to `vi.mock`. */
export function createFakeElectron(): object {
  return {
    app: new FakeApp(),
    BrowserWindow: FakeWindow,
    clipboard: new FakeClipboard(),
    dialog: { showMessageBox: vi.fn(() => Promise.resolve({ response: 1 })) },
    ipcMain: { handle: vi.fn(), removeHandler: vi.fn() },
    Menu: { buildFromTemplate: vi.fn((each: unknown) => each), setApplicationMenu: vi.fn() },
    nativeTheme: { themeSource: 'system', shouldUseDarkColors: false },
    Notification: FakeNotification,
    powerMonitor: Object.assign(new EventEmitter(), { getSystemIdleTime: vi.fn(() => 0) }),
    protocol: { registerSchemesAsPrivileged: vi.fn() },
    safeStorage: {
      isAsyncEncryptionAvailable: vi.fn(() => Promise.resolve(true)),
      getSelectedStorageBackend: vi.fn(() => 'gnome_libsecret'),
      encryptStringAsync: vi.fn((text: string) => Promise.resolve(Buffer.from(`sealed ${text}`))),
      decryptStringAsync: vi.fn((sealed: Buffer) =>
        Promise.resolve({
          result: sealed.toString().slice('sealed '.length),
          shouldReEncrypt: false,
        }),
      ),
    },
    screen: { getAllDisplays: vi.fn(() => [{ workArea: FULL_HD }]) },
    systemPreferences: { askForMediaAccess: vi.fn(() => Promise.resolve(true)) },
    shell: { openExternal: vi.fn(() => Promise.resolve()) },
  };
}

export const FULL_HD: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

export class FakeApp extends EventEmitter {
  isPackaged = true;
  readonly calls: string[] = [];
  requestSingleInstanceLock = vi.fn(() => true);
  enableSandbox = vi.fn(() => this.calls.push('enableSandbox'));
  relaunch = vi.fn((_options?: { readonly args?: readonly string[] }) =>
    this.calls.push('relaunch'),
  );
  /** As Electron's: asks by `before-quit`, then has quit. */
  quit = vi.fn(() => {
    const event = fakeEvent();
    this.emit('before-quit', event);
    this.calls.push(event.defaultPrevented ? 'quit prevented' : 'has quit');
  });
}

export class FakeContents extends EventEmitter {
  readonly mainFrame = {
    url: 'app://bundle/index.html',
    origin: 'app://bundle',
  } as unknown as WebFrameMain;
  readonly send: Mock = vi.fn();
  readonly setWindowOpenHandler: Mock = vi.fn();
}

export class FakeWindow extends EventEmitter {
  static readonly all: FakeWindow[] = [];
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = new FakeContents();
  readonly loadURL = vi.fn(() => Promise.resolve());
  readonly show: Mock = vi.fn();
  readonly focus: Mock = vi.fn();
  readonly restore: Mock = vi.fn();
  readonly maximize: Mock = vi.fn();
  readonly destroy: Mock = vi.fn();
  isDestroyed = vi.fn(() => false);
  isMinimized = vi.fn(() => false);
  isMaximized = vi.fn(() => false);
  getNormalBounds = vi.fn(() => ({ x: 1, y: 2, width: 800, height: 600 }));

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super();
    this.options = options;
    FakeWindow.all.push(this);
  }
}

export class FakeNotification extends EventEmitter {
  static readonly all: FakeNotification[] = [];
  static isSupported = vi.fn(() => true);
  readonly options: object;
  readonly show: Mock = vi.fn();
  readonly close: Mock = vi.fn();

  constructor(options: object) {
    super();
    this.options = options;
    FakeNotification.all.push(this);
  }
}

class FakeClipboard {
  text = '';
  writeText = vi.fn((text: string) => {
    this.text = text;
    return Promise.resolve();
  });
  readText = vi.fn(() => Promise.resolve(this.text));
  clear = vi.fn(() => {
    this.text = '';
  });
}

export function fakeEvent() {
  return {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

/** A clock whose one timer runs when told. */
export function createFakeAfter() {
  const timers = new Map<symbol, { readonly delayMs: number; readonly call: () => void }>();
  return {
    timers,
    after: (delayMs: number, call: () => void) => {
      const key = Symbol('timer');
      timers.set(key, { delayMs, call });
      return () => {
        timers.delete(key);
      };
    },
    ring: () => {
      const due = [...timers.values()];
      timers.clear();
      for (const { call } of due) call();
    },
  };
}
