// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The SMP State Machine": EXPECT1 to EXPECT4.

import { TLV_TYPE } from '../codec/tlv.ts';
import type { Tlv } from '../codec/tlv.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { tryRead } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { deriveComparedSecret, normaliseSecret } from './compared-secret.ts';
import type { SmpContext, SmpRole } from './compared-secret.ts';
import { acceptSmp1, answerSmp1, answerSmp2, answerSmp3, beginSmp, finishSmp } from './run.ts';
import type { AskerBegun, AskerHid, AnswererHid } from './run.ts';
import type { Smp1 } from './messages.ts';

/** Where a comparison stands. Names of the specification: SMPSTATE_EXPECT1 to EXPECT4. */
export type SmpState =
  | { readonly tag: 'expect1' }
  /** EXPECT1, with a question of the peer that our user has not answered yet. */
  | { readonly tag: 'asked'; readonly theirs: Smp1 }
  | { readonly tag: 'expect2'; readonly run: AskerBegun; readonly since: number }
  | { readonly tag: 'expect3'; readonly run: AnswererHid; readonly since: number }
  | { readonly tag: 'expect4'; readonly run: AskerHid; readonly since: number };

export const SMP_IDLE: SmpState = { tag: 'expect1' };

export type SmpInput =
  | { readonly tag: 'start'; readonly question?: string; readonly secret: string }
  | { readonly tag: 'answer'; readonly secret: string }
  | { readonly tag: 'abort' }
  /** A record of type 2 to 6 from an authenticated data message. Other types are ignored. */
  | { readonly tag: 'receive'; readonly tlv: Tlv }
  /** The session is no longer encrypted. */
  | { readonly tag: 'session-ended' }
  | { readonly tag: 'tick' };

/** What the world must do next. The transition itself does nothing. */
export type SmpEffect =
  /** To be sent with empty text and the flag IGNORE_UNREADABLE. */
  | { readonly tag: 'send'; readonly tlv: Tlv }
  /** The peer asks. The question is untrusted text. */
  | { readonly tag: 'asked'; readonly question: string | undefined }
  /** Our question or answer is on its way, or the peer's next step arrived and held. */
  | { readonly tag: 'progress'; readonly at: 'asked' | 'answered' | 'checking' }
  | { readonly tag: 'result'; readonly matched: boolean; readonly as: SmpRole }
  | { readonly tag: 'aborted'; readonly by: SmpAbortedBy }
  /** Values that an honest peer cannot send. Not the same as a mismatch. */
  | { readonly tag: 'cheated' }
  /** Our user asked for what cannot be done; nothing was sent. */
  | { readonly tag: 'refused'; readonly why: SmpRefusedWhy }
  /** Keys the new state no longer holds. Wiped after the step is committed, never before. */
  | { readonly tag: 'retire'; readonly secrets: readonly Secret[] }
  | { readonly tag: 'ignored'; readonly why: 'unexpected' | 'nothing-to-do' };

/** `collision`: a message of the peer that does not belong here, as when both asked at once. */
export type SmpAbortedBy = 'us' | 'peer' | 'collision' | 'timed-out' | 'session-ended';

export type SmpRefusedWhy = 'nothing-asked' | 'empty-secret' | 'question-too-long';

export interface SmpStep {
  readonly next: SmpState;
  readonly effects: readonly SmpEffect[];
}

/**
 * Advances a comparison by one input. Only called while the session is encrypted, but for
 * `session-ended`.
 *
 * @see OTRv4 "The SMP State Machine"
 */
export function stepSmp(state: SmpState, input: SmpInput, context: SmpContext, env: Env): SmpStep {
  switch (input.tag) {
    case 'start':
      return start(state, input, context, env);
    case 'answer':
      return answer(state, input.secret, context, env);
    case 'abort':
      return leave(state, [abortMessage(), { tag: 'aborted', by: 'us' }]);
    case 'receive':
      return receive(state, input.tlv, env);
    case 'session-ended':
      return state.tag === 'expect1'
        ? stay(state, 'nothing-to-do')
        : leave(state, [{ tag: 'aborted', by: 'session-ended' }]);
    case 'tick':
      return tick(state, env);
  }
}

/** When `tick` has something to do, on the monotonic clock; undefined: never, for now. */
export function nextSmpTickAt(state: SmpState): number | undefined {
  return 'since' in state ? state.since + LIMITS.smpAnswerTimeoutMs : undefined;
}

function stay(state: SmpState, why: 'unexpected' | 'nothing-to-do'): SmpStep {
  return { next: state, effects: [{ tag: 'ignored', why }] };
}

function refuse(state: SmpState, why: SmpRefusedWhy): SmpStep {
  return { next: state, effects: [{ tag: 'refused', why }] };
}

/** Back to the beginning. */
function leave(state: SmpState, effects: readonly SmpEffect[]): SmpStep {
  return { next: SMP_IDLE, effects: [...effects, ...retire(secretsOf(state))] };
}

function retire(secrets: readonly Secret[]): readonly SmpEffect[] {
  return secrets.length === 0 ? [] : [{ tag: 'retire', secrets }];
}

/** Everything secret a state holds. */
export function secretsOf(state: SmpState): readonly Secret[] {
  switch (state.tag) {
    case 'expect1':
    case 'asked':
      return [];
    case 'expect2':
      return [state.run.x, state.run.a2, state.run.a3];
    case 'expect3':
      return [state.run.b3];
    case 'expect4':
      return [state.run.a3];
  }
}

function send(type: number, value: Uint8Array): SmpEffect {
  return { tag: 'send', tlv: { type, value } };
}

function abortMessage(): SmpEffect {
  return send(TLV_TYPE.smpAbort, new Uint8Array(0));
}

/** OTRv4 "User requests to begin SMP". A run under way is aborted first. */
function start(
  state: SmpState,
  { question, secret }: { readonly question?: string; readonly secret: string },
  context: SmpContext,
  env: Env,
): SmpStep {
  if (normaliseSecret(secret) === '') return refuse(state, 'empty-secret');
  if (question !== undefined && question.length > LIMITS.smpQuestionChars) {
    return refuse(state, 'question-too-long');
  }
  const left: readonly SmpEffect[] =
    state.tag === 'expect1'
      ? []
      : [abortMessage(), { tag: 'aborted', by: 'us' }, ...retire(secretsOf(state))];
  const begun = beginSmp(deriveComparedSecret(secret, 'asker', context), question, env);
  return {
    next: { tag: 'expect2', run: begun.run, since: env.monotonicMs() },
    effects: [...left, send(TLV_TYPE.smp1, begun.value), { tag: 'progress', at: 'asked' }],
  };
}

/** Our user answers a question that was found sound when it came. */
function answer(state: SmpState, secret: string, context: SmpContext, env: Env): SmpStep {
  if (state.tag !== 'asked') return refuse(state, 'nothing-asked');
  if (normaliseSecret(secret) === '') return refuse(state, 'empty-secret');
  using y = deriveComparedSecret(secret, 'answerer', context);
  const answered = answerSmp1(state.theirs, y, env);
  return {
    next: { tag: 'expect3', run: answered.run, since: env.monotonicMs() },
    effects: [send(TLV_TYPE.smp2, answered.value), { tag: 'progress', at: 'answered' }],
  };
}

function tick(state: SmpState, env: Env): SmpStep {
  const dueAt = nextSmpTickAt(state);
  return dueAt === undefined || env.monotonicMs() < dueAt
    ? stay(state, 'nothing-to-do')
    : leave(state, [abortMessage(), { tag: 'aborted', by: 'timed-out' }]);
}

/** Bytes that cannot be read and proofs that do not hold end the run in the same way. */
function receive(state: SmpState, tlv: Tlv, env: Env): SmpStep {
  return (
    tryRead(() => receiveTlv(state, tlv, env)) ?? leave(state, [abortMessage(), { tag: 'cheated' }])
  );
}

function receiveTlv(state: SmpState, { type, value }: Tlv, env: Env): SmpStep {
  switch (type) {
    case TLV_TYPE.smp1:
      return state.tag === 'expect1' ? receiveSmp1(value) : collide(state);
    case TLV_TYPE.smp2:
      return state.tag === 'expect2' ? receiveSmp2(state, value, env) : collide(state);
    case TLV_TYPE.smp3:
      return state.tag === 'expect3' ? receiveSmp3(state, value, env) : collide(state);
    case TLV_TYPE.smp4:
      return state.tag === 'expect4' ? receiveSmp4(state, value) : collide(state);
    case TLV_TYPE.smpAbort:
      return receiveAbort(state);
    default:
      return stay(state, 'unexpected');
  }
}

/** An abort is never answered with one, or two clients would go on for ever. */
function receiveAbort(state: SmpState): SmpStep {
  return state.tag === 'expect1'
    ? stay(state, 'nothing-to-do')
    : leave(state, [{ tag: 'aborted', by: 'peer' }]);
}

/** A message of another point of the protocol: both sides start over. */
function collide(state: SmpState): SmpStep {
  return state.tag === 'expect1'
    ? { next: state, effects: [abortMessage(), { tag: 'ignored', why: 'unexpected' }] }
    : leave(state, [abortMessage(), { tag: 'aborted', by: 'collision' }]);
}

/** OTRv4 "Receiving a SMP Message 1". The answer waits for our user. */
function receiveSmp1(value: Uint8Array): SmpStep {
  const theirs = acceptSmp1(value);
  return {
    next: { tag: 'asked', theirs },
    effects: [{ tag: 'asked', question: theirs.question }],
  };
}

/** OTRv4 "Receiving a SMP Message 2" */
function receiveSmp2(
  state: Extract<SmpState, { tag: 'expect2' }>,
  value: Uint8Array,
  env: Env,
): SmpStep {
  const answered = answerSmp2(state.run, value, env);
  return {
    next: { tag: 'expect4', run: answered.run, since: env.monotonicMs() },
    effects: [
      send(TLV_TYPE.smp3, answered.value),
      { tag: 'progress', at: 'checking' },
      ...retire([state.run.x, state.run.a2]),
    ],
  };
}

/** OTRv4 "Receiving a SMP Message 3" */
function receiveSmp3(
  state: Extract<SmpState, { tag: 'expect3' }>,
  value: Uint8Array,
  env: Env,
): SmpStep {
  const { value: reply, matched } = answerSmp3(state.run, value, env);
  return leave(state, [send(TLV_TYPE.smp4, reply), { tag: 'result', matched, as: 'answerer' }]);
}

/** OTRv4 "Receiving a SMP Message 4" */
function receiveSmp4(state: Extract<SmpState, { tag: 'expect4' }>, value: Uint8Array): SmpStep {
  return leave(state, [{ tag: 'result', matched: finishSmp(state.run, value), as: 'asker' }]);
}
