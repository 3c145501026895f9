// SPDX-License-Identifier: GPL-3.0-or-later

import process from 'node:process';
import { app, powerMonitor } from 'electron';
import type { OpenChats } from '#shared/model/conversation.ts';
import type { After } from './clipboard.ts';
import { withoutLinks } from './single-instance.ts';

export interface LifecycleOptions {
  /** Says goodbye to peers and server, closes the store, wipes keys. Called once. */
  readonly stop: () => Promise<void>;
  /** Chats that are off the record now: their messages go with the process. */
  readonly openChats: () => OpenChats;
  /** Whether the user wants to quit all the same. */
  readonly askToQuit: (openChats: OpenChats) => Promise<boolean>;
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
  /** Nobody is there to be asked: the system wants it. */
  readonly quitNow: () => void;
  /** The last window is being closed, which is quitting: it stays while the user is asked. */
  readonly holdWindow: (event: { readonly preventDefault: () => void }) => void;
  /** Ends the process that held the keys and starts a new one, which is locked. */
  readonly lock: () => void;
}

const isNothing = ({ ending, lasting, held }: OpenChats): boolean => ending + lasting + held === 0;

async function stopInTime(options: LifecycleOptions): Promise<void> {
  const { stop, stopTimeoutMs, after } = options;
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
}

/** A link is opened once, not again after each lock. */
function relaunch(): void {
  const args = process.argv.slice(1);
  const kept = withoutLinks(args);
  if (kept.length < args.length) app.relaunch({ args: kept });
  else app.relaunch();
}

export function startLifecycle(options: LifecycleOptions): Lifecycle {
  const { isMac } = options;
  let state: 'running' | 'asking' | 'stopping' | 'stopped' = 'running';
  let isSure = false;

  const isOver = (): boolean => state === 'stopping' || state === 'stopped';

  function beginToStop(): void {
    state = 'stopping';
    void stopInTime(options).then(() => {
      state = 'stopped';
      app.quit();
    });
  }

  async function askFirst(openChats: OpenChats): Promise<void> {
    state = 'asking';
    const isWanted = await options.askToQuit(openChats).catch(() => false);
    // Locked, or told by the system, in the meantime.
    if (isSure) return;
    if (isWanted) beginToStop();
    else state = 'running';
  }

  function quitNow(): void {
    isSure = true;
    app.quit();
  }

  app.on('before-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping' || (state === 'asking' && !isSure)) return;
    const openChats = options.openChats();
    if (isSure || isNothing(openChats)) beginToStop();
    else void askFirst(openChats);
  });
  app.on('window-all-closed', () => {
    // Closing the window is not quitting, where users know it so.
    if (!isMac) app.quit();
  });
  app.on('activate', options.onActivate);
  app.on('render-process-gone', () => {
    if (!isOver()) options.onRendererGone();
  });
  // `shutdown` gives a short time only; what is not said by then the peers find out themselves.
  powerMonitor.on('shutdown', quitNow);
  return {
    quit: () => {
      app.quit();
    },
    quitNow,
    holdWindow: (event) => {
      if (isMac || isOver() || isSure || isNothing(options.openChats())) return;
      event.preventDefault();
      app.quit();
    },
    lock: () => {
      relaunch();
      quitNow();
    },
  };
}
