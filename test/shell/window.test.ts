// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow, revealWindow, webPreferencesFor } from '#main/shell/window.ts';
import {
  DEFAULT_SIZE,
  MIN_SIZE,
  formatWindowState,
  parseWindowState,
  placeWindow,
  type WindowState,
} from '#main/shell/window-state.ts';
import { FULL_HD, FakeWindow, fakeEvent } from './support/fake-electron.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());

const expectedPreferences = {
  allowRunningInsecureContent: false,
  autoplayPolicy: 'document-user-activation-required',
  contextIsolation: true,
  devTools: false,
  disableDialogs: true,
  enableWebSQL: false,
  experimentalFeatures: false,
  images: true,
  javascript: true,
  navigateOnDragDrop: false,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  partition: 'ui',
  plugins: false,
  preload: '/app/preload/index.cjs',
  safeDialogs: true,
  sandbox: true,
  spellcheck: false,
  v8CacheOptions: 'none',
  webSecurity: true,
  webgl: false,
  webviewTag: false,
};

const options = {
  preload: '/app/preload/index.cjs',
  isPackaged: true,
  backgroundColor: '#F1EFEA',
  state: undefined,
};

beforeEach(() => {
  FakeWindow.all.length = 0;
});
const latest = (): FakeWindow => {
  const window = FakeWindow.all.at(-1);
  if (window === undefined) throw new Error('no window was opened');
  return window;
};

describe('the window', () => {
  it('sec:T-E-WINDOW-1 has exactly these web preferences in a packaged application', () => {
    expect(webPreferencesFor('/app/preload/index.cjs', true)).toStrictEqual(expectedPreferences);
  });

  it('sec:T-E-WINDOW-2 differs for developers in the developer tools only', () => {
    expect(webPreferencesFor('/app/preload/index.cjs', false)).toStrictEqual({
      ...expectedPreferences,
      devTools: true,
    });
  });

  it('sec:T-E-WINDOW-3 opens with them, hidden, and loads the bundle', async () => {
    await openWindow({ ...options, saveState: vi.fn() });
    const window = latest();
    expect(window.options).toStrictEqual({
      ...DEFAULT_SIZE,
      minWidth: 360,
      minHeight: 480,
      show: false,
      title: 'Sotto',
      backgroundColor: '#F1EFEA',
      autoHideMenuBar: true,
      webPreferences: expectedPreferences,
    });
    expect(window.loadURL.mock.calls).toEqual([['app://bundle/index.html']]);
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect(window.show).toHaveBeenCalledOnce();
  });

  it('sec:T-E-WINDOW-4 keeps its title whatever the page calls itself', async () => {
    await openWindow({ ...options, saveState: vi.fn() });
    const event = fakeEvent();
    latest().emit('page-title-updated', event, 'Bob', true);
    expect(event.defaultPrevented).toBe(true);
  });

  it('saves where it was when it is closed, and not while it is minimised', async () => {
    const saveState = vi.fn();
    await openWindow({ ...options, saveState });
    const window = latest();
    window.emit('close', fakeEvent());
    const saved = { bounds: { x: 1, y: 2, width: 800, height: 600 }, maximized: false };
    expect(saveState.mock.calls).toEqual([[saved]]);
    window.isMinimized.mockReturnValue(true);
    window.emit('blur');
    expect(saveState).toHaveBeenCalledOnce();
  });

  it('opens where it was, and maximised if it was', async () => {
    const bounds = { x: 40, y: 50, width: 900, height: 700 };
    await openWindow({ ...options, state: { bounds, maximized: true }, saveState: vi.fn() });
    expect(latest().options).toMatchObject(bounds);
    expect(latest().maximize).toHaveBeenCalledOnce();
  });

  it('comes to the front when it is wanted, also when minimised', async () => {
    const window = await openWindow({ ...options, saveState: vi.fn() });
    latest().isMinimized.mockReturnValue(true);
    revealWindow(window);
    expect(latest().restore).toHaveBeenCalledOnce();
    expect(latest().focus).toHaveBeenCalledOnce();
  });
});

const whole = fc.integer({ min: -5_000, max: 5_000 });
const size = fc.integer({ min: 0, max: 5_000 });
const anyState: fc.Arbitrary<WindowState> = fc.record({
  bounds: fc.record({ x: whole, y: whole, width: size, height: size }),
  maximized: fc.boolean(),
});

describe('the place of the window', () => {
  it('is forgotten when the screen it was on is gone', () => {
    const bounds = { x: 2500, y: 100, width: 900, height: 700 };
    const placed = placeWindow({ bounds, maximized: false }, [FULL_HD]);
    expect(placed).toEqual({ width: 900, height: 700, maximized: false });
  });

  it('is kept on a second screen that is still there', () => {
    const second = { x: 1920, y: 0, width: 1280, height: 1024 };
    const bounds = { x: 2500, y: 100, width: 600, height: 700 };
    const placed = placeWindow({ bounds, maximized: false }, [FULL_HD, second]);
    expect(placed).toEqual({ ...bounds, maximized: false });
  });

  it('is never off the screens and never larger or smaller than it may be', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const placed = placeWindow(state, [FULL_HD]);
        expect(placed.width).toBeGreaterThanOrEqual(MIN_SIZE.width);
        expect(placed.height).toBeGreaterThanOrEqual(MIN_SIZE.height);
        expect(placed.width).toBeLessThanOrEqual(FULL_HD.width);
        expect(placed.height).toBeLessThanOrEqual(FULL_HD.height);
        if (placed.x === undefined || placed.y === undefined) return;
        expect(placed.y).toBeGreaterThanOrEqual(0);
        expect(placed.y).toBeLessThan(FULL_HD.height);
        expect(placed.x).toBeLessThan(FULL_HD.width);
        expect(placed.x + state.bounds.width).toBeGreaterThan(0);
      }),
    );
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(parseWindowState(formatWindowState(state))).toEqual(state);
      }),
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"bounds":{"x":0,"y":0,"width":1},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":"9","height":9},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":1e9,"height":9},"maximized":false}',
    '{"bounds":{"x":0.5,"y":0,"width":9,"height":9},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":9,"height":9},"maximized":1}',
  ])('is not believed when it reads %j', (text) => {
    expect(parseWindowState(text)).toBeUndefined();
  });
});
