// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askToQuit as ask } from '#main/shell/ask-to-quit.ts';
import { startLifecycle, type Lifecycle } from '#main/shell/lifecycle.ts';
import { idleSeconds, watchPower } from '#main/shell/power.ts';
import { en } from '#shared/i18n/en.ts';
import type { OpenChats } from '#shared/model/conversation.ts';
import { createFakeAfter, type FakeApp, fakeEvent } from './support/fake-electron.ts';

vi.mock('electron', async () => (await import('./support/fake-electron.ts')).createFakeElectron());
const app = electron.app as unknown as FakeApp;
const { powerMonitor } = electron;

let clock: ReturnType<typeof createFakeAfter>;
let stopped: PromiseWithResolvers<undefined>;
let lifecycle: Lifecycle;
const stop = vi.fn(() => stopped.promise as Promise<void>);
const onStopFailed = vi.fn();
const onRendererGone = vi.fn();
const onActivate = vi.fn();
const NOTHING: OpenChats = { ending: 0, lasting: 0, held: 0 };
let openChats = NOTHING;
const askToQuit = vi.fn((_openChats: OpenChats) => Promise.resolve(false));

function begin(isMac = false): void {
  clock = createFakeAfter();
  stopped = Promise.withResolvers();
  lifecycle = startLifecycle({
    stop,
    openChats: () => openChats,
    askToQuit,
    stopTimeoutMs: 3_000,
    after: clock.after,
    isMac,
    onActivate,
    onRendererGone,
    onStopFailed,
  });
}
beforeEach(() => {
  vi.clearAllMocks();
  app.calls.length = 0;
  openChats = NOTHING;
});
afterEach(() => {
  app.removeAllListeners();
  powerMonitor.removeAllListeners();
});

describe('quitting', () => {
  it('sec:T-E-QUIT-1 waits until everything has been stopped, once', async () => {
    begin();
    lifecycle.quit();
    lifecycle.quit();
    expect(app.calls).toEqual(['quit prevented', 'quit prevented']);
    stopped.resolve(undefined);
    await vi.waitFor(() => {
      expect(app.calls.at(-1)).toBe('has quit');
    });
    expect(stop).toHaveBeenCalledOnce();
    expect(onStopFailed).not.toHaveBeenCalled();
    expect(clock.timers.size).toBe(0);
  });

  it('sec:T-E-QUIT-2 waits no longer than it was told to', async () => {
    begin();
    lifecycle.quit();
    expect([...clock.timers.values()].map(({ delayMs }) => delayMs)).toEqual([3_000]);
    clock.ring();
    await vi.waitFor(() => {
      expect(app.calls).toEqual(['quit prevented', 'has quit']);
    });
    expect(onStopFailed).toHaveBeenCalledOnce();
  });

  it('sec:T-E-QUIT-3 goes on when stopping fails, and says so', async () => {
    begin();
    lifecycle.quit();
    const failure = new Error('disk full');
    stopped.reject(failure);
    await vi.waitFor(() => {
      expect(app.calls.at(-1)).toBe('has quit');
    });
    expect(onStopFailed.mock.calls).toEqual([[failure]]);
  });

  it('happens when the last window closes, but not on macOS', () => {
    begin(true);
    app.emit('window-all-closed');
    expect(app.quit).not.toHaveBeenCalled();
    app.emit('activate');
    expect(onActivate).toHaveBeenCalledOnce();
    app.removeAllListeners();
    begin(false);
    app.emit('window-all-closed');
    expect(app.quit).toHaveBeenCalledOnce();
  });

  it('happens when the system shuts down', () => {
    begin();
    powerMonitor.emit('shutdown');
    expect(stop).toHaveBeenCalledOnce();
  });
});

describe('quitting with chats off the record', () => {
  const close = () => {
    const event = fakeEvent();
    lifecycle.holdWindow(event);
    return event.defaultPrevented;
  };

  it('ux:2.5.9 asks first, once, and stays when that is the answer', async () => {
    begin();
    openChats = { ...NOTHING, ending: 3 };
    const { promise, resolve } = Promise.withResolvers<boolean>();
    askToQuit.mockReturnValueOnce(promise);
    lifecycle.quit();
    lifecycle.quit();
    expect(askToQuit.mock.calls).toEqual([[openChats]]);
    resolve(false);
    await promise;
    expect(stop).not.toHaveBeenCalled();
    expect(app.calls).toEqual(['quit prevented', 'quit prevented']);
    await vi.waitFor(() => {
      lifecycle.quit();
      expect(askToQuit).toHaveBeenCalledTimes(2);
    });
  });

  it('ux:2.5.9 ends them when the user says so', async () => {
    begin();
    openChats = { ...NOTHING, held: 1 };
    askToQuit.mockResolvedValueOnce(true);
    stopped.resolve(undefined);
    lifecycle.quit();
    await vi.waitFor(() => {
      expect(app.calls.at(-1)).toBe('has quit');
    });
    expect(stop).toHaveBeenCalledOnce();
  });

  it('ux:2.5.9 keeps the window while it asks, where closing is quitting', async () => {
    begin();
    expect(close()).toBe(false);
    openChats = { ...NOTHING, lasting: 1 };
    askToQuit.mockResolvedValueOnce(true);
    expect(close()).toBe(true);
    await vi.waitFor(() => {
      expect(stop).toHaveBeenCalledOnce();
    });
    expect(close()).toBe(false);
    app.removeAllListeners();
    begin(true);
    expect(close()).toBe(false);
  });

  it('asks nobody when the system ends it, or the user locks', () => {
    for (const end of [
      () => powerMonitor.emit('shutdown'),
      () => {
        lifecycle.quitNow();
      },
      () => {
        lifecycle.lock();
      },
    ]) {
      app.removeAllListeners();
      powerMonitor.removeAllListeners();
      stop.mockClear();
      begin();
      openChats = { ...NOTHING, ending: 2 };
      end();
      expect(stop).toHaveBeenCalledOnce();
    }
    expect(askToQuit).not.toHaveBeenCalled();
  });

  it.each([
    {
      open: { ending: 1 },
      message: '1 off-the-record chat will end.',
      detail: 'Its messages will be removed.',
      quit: 'End and quit',
    },
    {
      open: { ending: 3, held: 2 },
      message: '3 off-the-record chats will end.',
      detail: 'Their messages will be removed. 2 held messages were not sent, and will be removed.',
      quit: 'End and quit',
    },
    {
      open: { held: 1 },
      message: '1 held message was not sent, and will be removed.',
      detail: '',
      quit: 'Quit Sotto',
    },
    {
      open: { lasting: 1 },
      message:
        '1 chat with somebody who is offline goes on next time, without the messages you see now.',
      detail: '',
      quit: 'Quit Sotto',
    },
  ])('ux:2.5.9 ux:15 says what goes: %o', async ({ open, message, detail, quit }) => {
    const window = new electron.BrowserWindow();
    const dialog = vi.mocked(electron.dialog);
    dialog.showMessageBox.mockResolvedValueOnce({ response: 0, checkboxChecked: false });
    const lost = { ...NOTHING, ...open };
    expect(await ask(window, en, lost)).toBe(true);
    expect(dialog.showMessageBox.mock.calls.at(-1)?.[1 as 0]).toMatchObject({
      message,
      detail,
      buttons: [quit, 'Cancel'],
      defaultId: 1,
    });
    expect(await ask(window, en, lost)).toBe(false);
  });
});

describe('locking', () => {
  it('sec:T-K-LOCK-5 ends the process that held the keys and starts another', async () => {
    begin();
    lifecycle.lock();
    expect(app.calls).toEqual(['relaunch', 'quit prevented']);
    stopped.resolve(undefined);
    await vi.waitFor(() => {
      expect(app.calls.at(-1)).toBe('has quit');
    });
  });

  it('sec:T-E-LINK-2 does not open a link again that came with the first start', () => {
    const { argv } = process;
    process.argv = ['sotto', '--user-data-dir=x', 'XMPP:bob@example.org?message'];
    try {
      begin();
      lifecycle.lock();
      expect(app.relaunch.mock.calls).toEqual([[{ args: ['--user-data-dir=x'] }]]);
    } finally {
      process.argv = argv;
    }
  });

  it('can follow from the screen being locked, or the machine put to sleep', () => {
    const listeners = { onSuspend: vi.fn(), onResume: vi.fn(), onScreenLocked: vi.fn() };
    watchPower(listeners);
    for (const name of ['suspend', 'resume', 'lock-screen']) powerMonitor.emit(name);
    for (const listener of Object.values(listeners)) expect(listener).toHaveBeenCalledOnce();
    vi.mocked(powerMonitor).getSystemIdleTime.mockReturnValueOnce(42);
    expect(idleSeconds()).toBe(42);
  });
});

it('sec:T-E-GONE-1 a renderer that has gone is told of, but not while quitting', () => {
  begin();
  app.emit('render-process-gone', {}, {}, { reason: 'crashed' });
  expect(onRendererGone).toHaveBeenCalledOnce();
  lifecycle.quit();
  app.emit('render-process-gone', {}, {}, { reason: 'killed' });
  expect(onRendererGone).toHaveBeenCalledOnce();
});
