// SPDX-License-Identifier: GPL-3.0-or-later

/** The two pipes the preload exposes as `window.bridge`. */
export interface Bridge {
  readonly request: (name: string, input: unknown) => Promise<unknown>;
  /** @returns a function that stops listening */
  readonly subscribe: (listen: (name: string, payload: unknown) => void) => () => void;
}

export const REQUEST_PIPE = 'bridge:request';
export const EVENT_PIPE = 'bridge:event';
