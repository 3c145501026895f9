// SPDX-License-Identifier: GPL-3.0-or-later

import { contextBridge, ipcRenderer } from 'electron';
import { type Bridge, EVENT_PIPE, REQUEST_PIPE } from '#shared/ipc/bridge.ts';

/** The whole preload. It never grows: names and shapes live in shared/ipc/contract.ts. */
const bridge: Bridge = {
  request: (name, input) => ipcRenderer.invoke(REQUEST_PIPE, name, input),
  subscribe: (listen) => {
    const forward = (_event: unknown, name: string, payload: unknown): void => {
      listen(name, payload);
    };
    ipcRenderer.on(EVENT_PIPE, forward);
    return () => {
      ipcRenderer.off(EVENT_PIPE, forward);
    };
  },
};

contextBridge.exposeInMainWorld('bridge', bridge);
