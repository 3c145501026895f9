// SPDX-License-Identifier: GPL-3.0-or-later

import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { EVENT_PIPE, REQUEST_PIPE } from '#shared/ipc/bridge.ts';
import { APP_ORIGIN } from './origin.ts';

export type SenderRefusal =
  'no-frame' | 'no-window' | 'other-frame' | 'other-origin' | 'other-page';

export interface IpcHostOptions {
  /** The one window, while there is one. */
  readonly window: () => BrowserWindow | undefined;
  /** Answers a request whose sender was found good. Must not throw for what a page can send. */
  readonly dispatch: (name: string, input: unknown) => Promise<unknown>;
  /** A request was refused; the page is told nothing of why. */
  readonly onRefused: (why: SenderRefusal) => void;
}

export interface IpcHost {
  /** Tells the window something. Nothing happens while there is none. */
  readonly publish: (name: string, payload: unknown) => void;
  readonly stop: () => void;
}

/** Only the main frame of our own window, on our own page, is listened to. */
export function refusalOf(
  event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  window: BrowserWindow | undefined,
): SenderRefusal | undefined {
  const frame = event.senderFrame;
  if (frame === null) return 'no-frame';
  if (window === undefined || window.isDestroyed()) return 'no-window';
  const { webContents } = window;
  if (event.sender !== webContents) return 'other-page';
  if (frame !== webContents.mainFrame) return 'other-frame';
  return frame.url.startsWith(`${APP_ORIGIN}/`) && frame.origin === APP_ORIGIN
    ? undefined
    : 'other-origin';
}

/** The one `ipcMain.handle` of the house. */
export function serveIpc({ window, dispatch, onRefused }: IpcHostOptions): IpcHost {
  ipcMain.handle(REQUEST_PIPE, (event, name: unknown, input: unknown) => {
    const refusal = refusalOf(event, window());
    if (refusal === undefined && typeof name === 'string') return dispatch(name, input);
    if (refusal !== undefined) onRefused(refusal);
    throw new TypeError('refused');
  });
  return {
    publish: (name, payload) => {
      const target = window();
      if (target === undefined || target.isDestroyed()) return;
      target.webContents.send(EVENT_PIPE, name, payload);
    },
    stop: () => {
      ipcMain.removeHandler(REQUEST_PIPE);
    },
  };
}
