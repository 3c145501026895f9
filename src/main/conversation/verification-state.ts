// SPDX-License-Identifier: GPL-3.0-or-later

import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { VerificationOutcome } from '#shared/model/verification.ts';

export type VerificationNow =
  | { readonly tag: 'idle' }
  | {
      readonly tag: 'waiting';
      readonly full: FullJid;
      readonly instanceTag: number;
      readonly method: VerificationMethod;
      readonly since: number;
      readonly code: string | undefined;
    }
  | {
      readonly tag: 'asked';
      readonly full: FullJid;
      readonly instanceTag: number;
      readonly question: string | undefined;
      readonly method: VerificationMethod;
      readonly at: number;
    }
  | {
      readonly tag: 'checking';
      readonly full: FullJid;
      readonly instanceTag: number;
      readonly method: VerificationMethod;
    }
  | {
      readonly tag: 'result';
      readonly full: FullJid;
      readonly instanceTag: number;
      readonly method: VerificationMethod;
      readonly outcome: VerificationOutcome;
      readonly at: number;
    };

/** What stops guessing, cheating and nagging. Instants on the monotonic clock. */
export interface VerificationGuard {
  readonly mismatchesAt: readonly number[];
  readonly askedAt: readonly number[];
  readonly closedUntil: number;
}

export interface VerificationState {
  readonly now: VerificationNow;
  readonly guards: ReadonlyMap<FullJid, VerificationGuard>;
}

const MINUTE_MS = 60_000;
const WINDOW_MS = 10 * MINUTE_MS;
/** Each attempt gives a guesser one try. */
const MAX_MISMATCHES = 3;
const MISMATCH_PAUSE_MS = MINUTE_MS;
const CHEAT_PAUSE_MS = 5 * MINUTE_MS;
const MAX_ASKED = 3;

const NO_GUARD: VerificationGuard = { mismatchesAt: [], askedAt: [], closedUntil: 0 };

export const guardOf = (state: VerificationState, full: FullJid): VerificationGuard =>
  state.guards.get(full) ?? NO_GUARD;

export const isPaused = (guard: VerificationGuard, nowMs: number): boolean =>
  nowMs < guard.closedUntil;

const recent = (instants: readonly number[], nowMs: number): readonly number[] =>
  instants.filter((at) => at > nowMs - WINDOW_MS);

export function withMismatch(guard: VerificationGuard, nowMs: number): VerificationGuard {
  const mismatchesAt = [...recent(guard.mismatchesAt, nowMs), nowMs];
  if (mismatchesAt.length < MAX_MISMATCHES) return { ...guard, mismatchesAt };
  return { ...guard, mismatchesAt: [], closedUntil: nowMs + MISMATCH_PAUSE_MS };
}

export function withCheat(guard: VerificationGuard, nowMs: number): VerificationGuard {
  return { ...guard, closedUntil: nowMs + CHEAT_PAUSE_MS };
}

/** Undefined: the contact asks too often, this one is not shown. */
export function withAsked(guard: VerificationGuard, nowMs: number): VerificationGuard | undefined {
  const askedAt = recent(guard.askedAt, nowMs);
  return askedAt.length >= MAX_ASKED ? undefined : { ...guard, askedAt: [...askedAt, nowMs] };
}
