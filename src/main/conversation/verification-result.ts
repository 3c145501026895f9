// SPDX-License-Identifier: GPL-3.0-or-later

import { LIMITS, type SmpEffect } from '#otr';
import type { SmpAbortedBy } from '#otr/smp/machine.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { VerificationOutcome } from '#shared/model/verification.ts';
import type { World } from './ports.ts';
import { requireVerified } from './rules.ts';
import { viewOf } from './sessions.ts';
import { deviceWordOf } from './device-lists.ts';
import { remember, sameKey, verificationOf, verify } from './trust.ts';
import type { Turn } from './turn.ts';
import { cleanQuestion } from './untrusted-text.ts';
import {
  guardOf,
  isPaused,
  type VerificationGuard,
  type VerificationNow,
  withAsked,
  withCheat,
  withGuard,
  withMismatch,
} from './verification-state.ts';

/**
 * What our own app asks when six digits are read aloud. Fixed, so that the other side knows that
 * both type a secret they were told outside the chat: then the result counts for both.
 */
export const CODE_QUESTION = 'Type the 6-digit code I tell you';

const ABORTED = {
  us: 'cancelled-by-us',
  peer: 'cancelled-by-peer',
  collision: 'collided',
  'session-ended': 'session-ended',
} as const;

const NOT_POSSIBLE = {
  'not-encrypted': 'session-needed',
  'nothing-asked': 'session-needed',
  'empty-secret': 'input-invalid',
  'question-too-long': 'input-invalid',
} as const;

export function applySmp(world: World, turn: Turn, full: FullJid, effect: SmpEffect): void {
  switch (effect.tag) {
    case 'smp-asked':
      applyAsked(world, turn, full, effect.question);
      return;
    case 'smp-progress':
      applyProgress(turn, full, effect.at);
      return;
    case 'smp-result':
      applyResult(world, turn, full, effect);
      return;
    case 'smp-aborted':
      if (isRunning(turn, full)) conclude(turn, full, outcomeOf(turn, effect.by));
      return;
    case 'smp-cheated':
      setGuard(turn, full, (guard) => withCheat(guard, world.clock.monotonicNow()));
      conclude(turn, full, 'cheated');
      return;
    case 'smp-unavailable':
      // Only what the user asked for can be refused: the whole turn is.
      throw new AppFailure(NOT_POSSIBLE[effect.why]);
  }
}

/** Nobody answered in time: whoever was to answer has, in effect, cancelled. */
function outcomeOf(turn: Turn, by: SmpAbortedBy): VerificationOutcome {
  if (by !== 'timed-out') return ABORTED[by];
  return turn.chat.verification.now.tag === 'asked' ? 'cancelled-by-us' : 'cancelled-by-peer';
}

export function setNow(turn: Turn, now: VerificationNow): void {
  turn.set({ verification: { ...turn.chat.verification, now } });
}

function setGuard(
  turn: Turn,
  full: FullJid,
  change: (guard: VerificationGuard) => VerificationGuard,
): void {
  const key = viewOf(turn.device(full))?.theirFingerprint;
  if (key === undefined) return;
  const { verification } = turn.chat;
  turn.set({ verification: withGuard(verification, key, change(guardOf(verification, key))) });
}

const tagOf = (turn: Turn, full: FullJid): number => {
  const { now } = turn.chat.verification;
  if (now.tag !== 'idle' && now.full === full) return now.instanceTag;
  return viewOf(turn.device(full))?.theirTag ?? 0;
};

const methodOf = (question: string | undefined): VerificationMethod => {
  if (question === undefined || question === '') return 'secret';
  return question === CODE_QUESTION ? 'code' : 'question';
};

/** Their question is a card in the chat, never a dialog; too many of them are not shown at all. */
function applyAsked(world: World, turn: Turn, full: FullJid, question: string | undefined): void {
  const admitted = admitQuestion(world, turn, full);
  if (admitted === undefined) {
    turn.stepLater(full, { tag: 'smp-abort' });
    return;
  }
  setGuard(turn, full, () => admitted);
  const method = methodOf(question);
  setNow(turn, {
    tag: 'asked',
    full,
    instanceTag: viewOf(turn.device(full))?.theirTag ?? 0,
    question: method === 'secret' ? undefined : cleanQuestion(question ?? ''),
    method,
    at: turn.now,
  });
}

/** Undefined: it is one too many, or the user wants none of them. */
function admitQuestion(world: World, turn: Turn, full: FullJid): VerificationGuard | undefined {
  const { verification } = turn.chat;
  const nowMs = world.clock.monotonicNow();
  const key = viewOf(turn.device(full))?.theirFingerprint;
  if (key === undefined || nowMs < verification.mutedUntil) return undefined;
  const guard = guardOf(verification, key);
  if (isPaused(guard, nowMs)) return undefined;
  const asked = withAsked(guard, nowMs);
  if (asked === undefined)
    turn.tellOnce({ name: 'asks-too-often' }, LIMITS.smpFailureWindowMs, nowMs);
  return asked;
}

function applyProgress(turn: Turn, full: FullJid, at: 'asked' | 'answered' | 'checking'): void {
  const { now } = turn.chat.verification;
  if (at === 'asked' || now.tag === 'idle' || now.tag === 'result' || now.full !== full) return;
  const { instanceTag, method } = now;
  setNow(turn, { tag: 'checking', full, instanceTag, method });
}

type SmpResult = Extract<SmpEffect, { readonly tag: 'smp-result' }>;

function applyResult(world: World, turn: Turn, full: FullJid, result: SmpResult): void {
  const { peer, verification } = turn.chat;
  const known = verificationOf(world, peer, result.theirFingerprint) !== undefined;
  if (!result.matched) {
    const nowMs = world.clock.monotonicNow();
    setGuard(turn, full, (guard) => withMismatch(guard, nowMs));
    turn.tell({ name: 'verification-mismatch' });
    const paused = isPaused(guardOf(turn.chat.verification, result.theirFingerprint), nowMs);
    conclude(turn, full, known ? 'mismatch-verified' : 'mismatch', paused);
    return;
  }
  const method = verification.now.tag === 'idle' ? 'question' : verification.now.method;
  applyMatch(world, turn, full, { ...result, method, known });
}

interface Match extends SmpResult {
  readonly method: VerificationMethod;
  /** The key was verified before. */
  readonly known: boolean;
}

/** Whoever asks a question chooses what is right: answering proves nothing about the asker. */
function applyMatch(
  world: World,
  turn: Turn,
  full: FullJid,
  { as, method, known, theirFingerprint }: Match,
): void {
  const mutual = method === 'secret' || method === 'code';
  const verifiesThem = as === 'asker' || mutual;
  if (verifiesThem) markVerified(world, turn, full, { theirFingerprint, method });
  else turn.tell({ name: 'verified-us' });
  if (as === 'answerer' || mutual) turn.setDevice(full, { verifiedUs: true });
  const both = (verifiesThem || known) && turn.device(full).verifiedUs;
  if (both) conclude(turn, full, 'matched-both');
  else conclude(turn, full, as === 'asker' ? 'matched-asked' : 'matched-answered');
}

export interface VerifiedKey {
  readonly theirFingerprint: NonNullable<ReturnType<typeof viewOf>>['theirFingerprint'];
  readonly method: VerificationMethod;
}

/** The user verified this key: from now on the contact's other keys are not enough. */
export function markVerified(
  world: World,
  turn: Turn,
  full: FullJid | undefined,
  { theirFingerprint, method }: VerifiedKey,
): void {
  verify(world, turn, theirFingerprint, method);
  requireVerified(world, turn);
  const { changedKey } = turn.chat;
  const view = full === undefined ? undefined : viewOf(turn.device(full));
  if (changedKey !== undefined && sameKey(changedKey.fingerprint, theirFingerprint)) {
    turn.set({ changedKey: undefined });
  }
  if (view !== undefined)
    remember(world, turn, { tag: view.theirTag, fingerprint: theirFingerprint });
  turn.set({ epoch: turn.chat.epoch + 1 });
  turn.tell({
    name: 'verified',
    device: deviceWordOf(world, turn.chat.peer, view?.theirTag ?? 0),
    method,
  });
}

function isRunning(turn: Turn, full: FullJid): boolean {
  const { now } = turn.chat.verification;
  return now.tag !== 'idle' && now.tag !== 'result' && now.full === full;
}

function conclude(turn: Turn, full: FullJid, outcome: VerificationOutcome, paused = false): void {
  const { now } = turn.chat.verification;
  const method = now.tag === 'idle' ? 'question' : now.method;
  const instanceTag = tagOf(turn, full);
  setNow(turn, { tag: 'result', full, instanceTag, method, outcome, at: turn.now, paused });
}

/** The session is gone; what had not finished did not happen. */
export function endVerification(turn: Turn, full: FullJid): void {
  if (isRunning(turn, full)) conclude(turn, full, 'session-ended');
}
