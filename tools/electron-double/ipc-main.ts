// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import type { WebContents } from './web-contents.ts';
import type { WebFrameMain } from './web-frame-main.ts';

export type InvokeEvent = Electron.Event<{
  readonly type: 'frame';
  readonly sender: WebContents;
  readonly senderFrame: WebFrameMain | null;
  readonly frameId: number;
  readonly processId: number;
}>;

// Electron leaves the arguments of a handler open; what arrives is whatever the page sent.
type Arguments = readonly unknown[];
export type InvokeHandler = (event: InvokeEvent, ...args: Arguments) => unknown;

type Checked = Pick<Electron.IpcMain, 'removeHandler'> & {
  readonly [Name in 'handle' | 'handleOnce']: (
    channel: Parameters<Electron.IpcMain[Name]>[0],
    listener: InvokeHandler,
  ) => ReturnType<Electron.IpcMain[Name]>;
};

export class IpcMain extends EventEmitter implements Checked {
  readonly #handlers = new Map<string, InvokeHandler>();

  handle(channel: string, listener: InvokeHandler): void {
    if (this.#handlers.has(channel)) {
      throw new Error(`Attempted to register a second handler for '${channel}'`);
    }
    this.#handlers.set(channel, listener);
  }

  handleOnce(channel: string, listener: InvokeHandler): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args);
    });
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  handlerOf(channel: string): InvokeHandler | undefined {
    return this.#handlers.get(channel);
  }
}
