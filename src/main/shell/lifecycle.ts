// SPDX-License-Identifier: GPL-3.0-or-later

import process from 'node:process';
import { app, powerMonitor } from 'electron';
import type { After } from './clipboard.ts';
import { withoutLinks } from './single-instance.ts';

export interface LifecycleOptions {
  /** Says goodbye to peers and server, closes the store, wipes keys. Called once. */
  readonly stop: () => Promise<void>;
  /** Longest time `stop` is waited for. */
  readonly stopTimeoutMs: number;
  readonly after: After;
  readonly isMac: boolean;
  /** macOS: the dock icon was clicked while no window is open. */
  readonly onActivate: () => void;
  /** The renderer crashed or was killed: lock, or open it anew. */
  readonly onRendererGone: () => void;
  /** `stop` failed or was not waited for any longer. */
  readonly onStopFailed: (cause: unknown) => void;
}

export interface Lifecycle {
  readonly quit: () => void;
  /** Ends the process that held the keys and starts a new one, which is locked. */
  readonly lock: () => void;
}

export function startLifecycle(options: LifecycleOptions): Lifecycle {
  const { stop, stopTimeoutMs, after, isMac } = options;
  let state: 'running' | 'stopping' | 'stopped' = 'running';

  async function stopInTime(): Promise<void> {
    const timeout = Promise.withResolvers<undefined>();
    const giveUp = after(stopTimeoutMs, () => {
      timeout.reject(new Error('stop took too long'));
    });
    try {
      await Promise.race([stop(), timeout.promise]);
    } catch (cause) {
      options.onStopFailed(cause);
    }
    giveUp();
    state = 'stopped';
    app.quit();
  }

  app.on('before-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    void stopInTime();
  });
  app.on('window-all-closed', () => {
    // Closing the window is not quitting, where users know it so.
    if (!isMac) app.quit();
  });
  app.on('activate', options.onActivate);
  app.on('render-process-gone', () => {
    if (state === 'running') options.onRendererGone();
  });
  // `shutdown` gives a short time only; what is not said by then the peers find out themselves.
  powerMonitor.on('shutdown', () => {
    app.quit();
  });
  return {
    quit: () => {
      app.quit();
    },
    lock: () => {
      const args = process.argv.slice(1);
      const kept = withoutLinks(args);
      // A link is opened once, not again after each lock.
      if (kept.length < args.length) app.relaunch({ args: kept });
      else app.relaunch();
      app.quit();
    },
  };
}
