// SPDX-License-Identifier: GPL-3.0-or-later

import type { Client, EventName } from '#shared/ipc/channel.ts';
import type { Bridge } from '#shared/ipc/bridge.ts';
import type { AppContract } from '#shared/ipc/contract.ts';

declare global {
  interface Window {
    /** What the preload exposes. Named nowhere else. */
    readonly bridge: Bridge;
  }
}

type Listener = (payload: never) => void;

/** Gives the preload's two pipes the types of the contract. One subscription serves all listeners. */
export function createClient(bridge: Bridge): Client<AppContract> {
  const listeners = new Map<string, Set<Listener>>();
  bridge.subscribe((name, payload) => {
    // Main is the other half of the same contract, and nobody else can write into this pipe.
    for (const listen of listeners.get(name) ?? []) listen(payload as never);
  });

  function on(name: EventName<AppContract>, listen: Listener): () => void {
    const known = listeners.get(name) ?? new Set();
    listeners.set(name, known.add(listen));
    return () => {
      known.delete(listen);
    };
  }

  return {
    request: async (name, input) => (await bridge.request(name, input)) as never,
    on,
  };
}

export const windowClient = (): Client<AppContract> => createClient(window.bridge);
