// SPDX-License-Identifier: GPL-3.0-or-later

import { formatFingerprint, LIMITS } from '#otr';
import type { Fingerprint } from '#otr/bytes.ts';
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
      /** It was the third that did not match. */
      readonly paused: boolean;
    };

/** What stops guessing, cheating and nagging. Instants on the monotonic clock. */
export interface VerificationGuard {
  readonly mismatchesAt: readonly number[];
  readonly askedAt: readonly number[];
  readonly closedUntil: number;
}

export interface VerificationState {
  readonly now: VerificationNow;
  /** By the key they are about: another resource is no fresh start for a guesser. Newest last. */
  readonly guards: ReadonlyMap<string, VerificationGuard>;
  /** Until then the user is asked nothing by this contact, from whatever device. */
  readonly mutedUntil: number;
}

/** Questions within the time of `smpFailures`. */
const MAX_ASKED = 3;

export const NO_VERIFICATION: VerificationState = {
  now: { tag: 'idle' },
  guards: new Map(),
  mutedUntil: 0,
};

const NO_GUARD: VerificationGuard = { mismatchesAt: [], askedAt: [], closedUntil: 0 };

export function guardOf(state: VerificationState, key: Fingerprint): VerificationGuard {
  return state.guards.get(formatFingerprint(key)) ?? NO_GUARD;
}

export function withGuard(
  state: VerificationState,
  key: Fingerprint,
  guard: VerificationGuard,
): VerificationState {
  const name = formatFingerprint(key);
  const others = [...state.guards].filter(([known]) => known !== name);
  const kept = others.slice(Math.max(0, others.length + 1 - LIMITS.smpGuards));
  return { ...state, guards: new Map([...kept, [name, guard]]) };
}

export const isPaused = (guard: VerificationGuard, nowMs: number): boolean =>
  nowMs < guard.closedUntil;

const recent = (instants: readonly number[], nowMs: number): readonly number[] =>
  instants.filter((at) => at > nowMs - LIMITS.smpFailureWindowMs);

export function withMismatch(guard: VerificationGuard, nowMs: number): VerificationGuard {
  const mismatchesAt = [...recent(guard.mismatchesAt, nowMs), nowMs];
  if (mismatchesAt.length < LIMITS.smpFailures) return { ...guard, mismatchesAt };
  return { ...guard, mismatchesAt: [], closedUntil: nowMs + LIMITS.smpFailurePauseMs };
}

export function withCheat(guard: VerificationGuard, nowMs: number): VerificationGuard {
  return { ...guard, closedUntil: nowMs + LIMITS.smpCheatPauseMs };
}

/** Undefined: the contact asks too often, this one is not shown. */
export function withAsked(guard: VerificationGuard, nowMs: number): VerificationGuard | undefined {
  const askedAt = recent(guard.askedAt, nowMs);
  return askedAt.length >= MAX_ASKED ? undefined : { ...guard, askedAt: [...askedAt, nowMs] };
}
