// SPDX-License-Identifier: GPL-3.0-or-later
import * as electron from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLifecycle, type Lifecycle } from '#main/shell/lifecycle.ts';
import { idleSeconds, watchPower } from '#main/shell/power.ts';
import { createFakeAfter, type FakeApp } from './support/fake-electron.ts';

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

function begin(isMac = false): void {
  clock = createFakeAfter();
  stopped = Promise.withResolvers();
  lifecycle = startLifecycle({
    stop,
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
