// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import { assertNever } from '#shared/std/assert-never.ts';
import { delays } from './limits.ts';
import type { ConnectionFailure, ConnectionState } from './wire.ts';

/** Whether an account goes on trying belongs to the machine, not to the world. */
export interface Connection {
  readonly state: ConnectionState;
  readonly persist: boolean;
  /** Failures since last online. */
  readonly failures: number;
}

export type ConnectionInput =
  | { readonly tag: 'connect'; readonly persist: boolean }
  | { readonly tag: 'disconnect' }
  /** A session stands and may be used. */
  | { readonly tag: 'ready'; readonly jid: FullJid }
  /** The line is gone. `jitter` is uniform in [0, 1). */
  | {
      readonly tag: 'ended';
      readonly reason: ConnectionFailure;
      readonly now: number;
      readonly jitter: number;
    }
  /** `retryAt` has come. */
  | { readonly tag: 'due' };

export type ConnectionEffect =
  | { readonly tag: 'open' }
  | { readonly tag: 'close' }
  | { readonly tag: 'set-alarm'; readonly delayMs: number }
  | { readonly tag: 'cancel-alarm' };

export interface ConnectionStep {
  readonly next: Connection;
  readonly effects: readonly ConnectionEffect[];
}

export const initialConnection: Connection = {
  state: { tag: 'offline' },
  persist: false,
  failures: 0,
};

/** Causes that no waiting will cure: somebody has to do something first. */
const FINAL: ReadonlySet<ConnectionFailure> = new Set<ConnectionFailure>([
  'auth-failed',
  'not-allowed',
  'server-not-proved',
  'no-mechanism',
  'unknown-domain',
  'conflict',
]);

/** Full jitter between one second and a ceiling that doubles up to a minute, so that clients spread. */
export function toBackOffMs(failures: number, jitter: number): number {
  const ceiling = Math.min(delays.reconnectMax, delays.reconnectMin * 2 ** failures);
  return Math.round(delays.reconnectMin + jitter * (ceiling - delays.reconnectMin));
}

const unchanged = (connection: Connection): ConnectionStep => ({ next: connection, effects: [] });

function connecting(persist: boolean, failures: number): Connection {
  return { state: { tag: 'connecting', attempt: failures + 1 }, persist, failures };
}

function onConnect(connection: Connection, persist: boolean): ConnectionStep {
  switch (connection.state.tag) {
    case 'connecting':
    case 'online':
      return unchanged(connection);
    case 'waiting':
      return {
        next: connecting(connection.persist, connection.failures),
        effects: [{ tag: 'cancel-alarm' }, { tag: 'open' }],
      };
    case 'offline':
    case 'failed':
      return { next: connecting(persist, 0), effects: [{ tag: 'open' }] };
    default:
      return assertNever(connection.state);
  }
}

function onDisconnect(connection: Connection): ConnectionStep {
  switch (connection.state.tag) {
    case 'offline':
      return unchanged(connection);
    case 'waiting':
      // Closing as well: a session that waits to be resumed is given up.
      return {
        next: initialConnection,
        effects: [{ tag: 'cancel-alarm' }, { tag: 'close' }],
      };
    case 'connecting':
    case 'online':
      return { next: initialConnection, effects: [{ tag: 'close' }] };
    case 'failed':
      return { next: initialConnection, effects: [] };
    default:
      return assertNever(connection.state);
  }
}

type Ended = Extract<ConnectionInput, { tag: 'ended' }>;

function onEnded(connection: Connection, { reason, now, jitter }: Ended): ConnectionStep {
  const { tag } = connection.state;
  if (tag !== 'connecting' && tag !== 'online') return unchanged(connection);
  const persist = connection.persist || tag === 'online';
  if (FINAL.has(reason) || !persist) {
    // Close: nothing that was held for resumption may go out after the user has changed something.
    return {
      next: { state: { tag: 'failed', reason }, persist: false, failures: 0 },
      effects: [{ tag: 'close' }],
    };
  }
  const failures = connection.failures + 1;
  const delayMs = toBackOffMs(failures, jitter);
  const state: ConnectionState = {
    tag: 'waiting',
    attempt: failures,
    retryAt: now + delayMs,
    reason,
  };
  return { next: { state, persist, failures }, effects: [{ tag: 'set-alarm', delayMs }] };
}

/** Returns the same object when nothing happened. */
export function stepConnection(connection: Connection, input: ConnectionInput): ConnectionStep {
  const { state } = connection;
  switch (input.tag) {
    case 'connect':
      return onConnect(connection, input.persist);
    case 'disconnect':
      return onDisconnect(connection);
    case 'ready':
      return state.tag === 'connecting'
        ? {
            next: { state: { tag: 'online', jid: input.jid }, persist: true, failures: 0 },
            effects: [],
          }
        : unchanged(connection);
    case 'ended':
      return onEnded(connection, input);
    case 'due':
      return state.tag === 'waiting'
        ? { next: connecting(true, connection.failures), effects: [{ tag: 'open' }] }
        : unchanged(connection);
    default:
      return assertNever(input);
  }
}
