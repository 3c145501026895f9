// SPDX-License-Identifier: GPL-3.0-or-later

import type { Env } from '../env.ts';
import type { SessionEffect } from './effect.ts';
import type { SessionInput } from './input.ts';
import type { OwnIdentity, SessionParams } from './params.ts';
import type { SessionPolicy } from './policy.ts';
import type { SessionView } from './view.ts';

/** One session with one device of the peer. Immutable; only `step` knows what is inside. */
export interface SessionState {
  readonly tag: 'session';
}

export interface SessionStep {
  /** The very same object when the input was ignored. */
  readonly next: SessionState;
  readonly effects: readonly SessionEffect[];
}

export declare function createSession(params: SessionParams): SessionState;

/**
 * Advances one session by one input. Pure: no clock, no randomness, no I/O but `env`; wipes nothing
 * that `state` still holds. Never throws because of what a peer sent.
 *
 * @see OTRv4 "The Protocol State Machine"
 */
export declare function step(state: SessionState, input: SessionInput, env: Env): SessionStep;

/** What the user interface may know. */
export declare function describe(state: SessionState): SessionView;

/** When `tick` has something to do, on `env`'s monotonic clock; undefined: never, for now. */
export declare function nextTickAt(state: SessionState): number | undefined;

/** The same session under a new policy or a renewed Client Profile. */
export declare function reconfigure(
  state: SessionState,
  change: { readonly policy?: Partial<SessionPolicy>; readonly own?: OwnIdentity },
): SessionState;
