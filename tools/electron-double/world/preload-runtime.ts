// SPDX-License-Identifier: GPL-3.0-or-later
/// <reference lib="dom" />
import type { Bridge } from './bridge.ts';

/**
 * `electron`, `require` and `process` as a sandboxed preload finds them.
 * This file runs as text in the preload's world: it imports nothing but types.
 */
type Listener = (event: object, ...args: readonly unknown[]) => void;

/** What main sends to the preload's world. */
export type FromMain =
  | { readonly op: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly op: 'reply'; readonly id: number; readonly ok: false; readonly message: string }
  | { readonly op: 'message'; readonly channel: string; readonly args: readonly unknown[] };

/** What the preload's world sends to main. */
export type ToMain =
  | {
      readonly op: 'invoke';
      readonly id: number;
      readonly channel: string;
      readonly args: readonly unknown[];
    }
  | { readonly op: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly op: 'open'; readonly request: Parameters<Bridge['open']>[0] }
  | { readonly op: 'resized'; readonly width: number; readonly height: number };

export interface PreloadOptions {
  readonly bridge: Bridge;
  readonly send: (message: ToMain) => void;
  readonly processInfo: object;
}

interface Waiting extends PromiseWithResolvers<unknown> {
  readonly channel: string;
}

class IpcRenderer {
  readonly #send: (message: ToMain) => void;
  readonly #listeners = new Map<
    string,
    { readonly listener: Listener; readonly once: boolean }[]
  >();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(send: (message: ToMain) => void) {
    this.#send = send;
  }

  invoke(channel: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    const waiting = { ...Promise.withResolvers<unknown>(), channel };
    this.#send({ op: 'invoke', id, channel, args });
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }

  send(channel: string, ...args: readonly unknown[]): void {
    this.#send({ op: 'send', channel, args });
  }

  sendSync(): never {
    throw new Error('electron double: sendSync is not supported');
  }

  on(channel: string, listener: Listener): this {
    return this.#add(channel, listener, false);
  }

  addListener(channel: string, listener: Listener): this {
    return this.#add(channel, listener, false);
  }

  once(channel: string, listener: Listener): this {
    return this.#add(channel, listener, true);
  }

  off(channel: string, listener: Listener): this {
    return this.removeListener(channel, listener);
  }

  removeListener(channel: string, listener: Listener): this {
    const listeners = this.#listeners.get(channel) ?? [];
    const index = listeners.findLastIndex((each) => each.listener === listener);
    if (index >= 0) listeners.splice(index, 1);
    return this;
  }

  removeAllListeners(channel?: string): this {
    if (channel === undefined) this.#listeners.clear();
    else this.#listeners.delete(channel);
    return this;
  }

  listenerCount(channel: string): number {
    return this.#listeners.get(channel)?.length ?? 0;
  }

  receive(message: FromMain): void {
    if (message.op === 'message') {
      for (const { listener, once } of [...(this.#listeners.get(message.channel) ?? [])]) {
        if (once) this.removeListener(message.channel, listener);
        listener({ sender: this, ports: [] }, ...message.args);
      }
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (waiting === undefined) return;
    if (message.ok) waiting.resolve(message.value);
    else {
      const reason = `Error invoking remote method '${waiting.channel}': ${message.message}`;
      waiting.reject(new Error(reason));
    }
  }

  #add(channel: string, listener: Listener, once: boolean): this {
    const listeners = this.#listeners.get(channel) ?? [];
    listeners.push({ listener, once });
    this.#listeners.set(channel, listeners);
    return this;
  }
}

export function createPreloadRuntime({ bridge, send, processInfo }: PreloadOptions): {
  readonly require: (id: string) => unknown;
  readonly process: object;
  readonly receive: (message: FromMain) => void;
} {
  const ipcRenderer = new IpcRenderer(send);
  const exposed = new Set<string>();
  const contextBridge = {
    exposeInMainWorld: (key: string, api: unknown) => {
      if (exposed.has(key)) {
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      }
      exposed.add(key);
      bridge.expose(key, api);
    },
  };
  const webFrame = { setVisualZoomLevelLimits: () => Promise.resolve() };
  const webUtils = { getPathForFile: () => '' };
  const electron = { contextBridge, ipcRenderer, webFrame, webUtils };
  const quietProcess = { ...processInfo, on: () => undefined, once: () => undefined };
  return {
    require: (id) => {
      if (id === 'electron' || id === 'electron/renderer') return electron;
      throw new Error(`module not found: ${id}`);
    },
    process: Object.freeze(quietProcess),
    receive: (message) => {
      ipcRenderer.receive(message);
    },
  };
}
