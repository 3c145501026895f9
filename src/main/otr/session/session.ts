// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": `step`, one input at a time.

import { NO_FRAGMENTS } from '../codec/reassembly.ts';
import { DAKE_START } from '../dake/state.ts';
import type { Env } from '../env.ts';
import { end } from './ending.ts';
import type { SayInput, SessionInput } from './input.ts';
import { sendExtraKeys } from './extra-keys.ts';
import { cancel, start } from './key-exchange.ts';
import { offer, sendInClear } from './clear.ts';
import { startOffline } from './offline.ts';
import type { OwnIdentity, SessionParams } from './params.ts';
import { transitionalIn } from '../profile/client-profile.ts';
import { completePolicy } from './policy.ts';
import type { SessionPolicy } from './policy.ts';
import { prepare } from './preparing.ts';
import { receiveBody } from './receiving.ts';
import type { SessionState, SessionStep } from './state.ts';
import { retireLast } from './step-parts.ts';
import { send } from './text.ts';
import { NO_THROTTLE } from './throttle.ts';
import { tick } from './timing.ts';
import { verify } from './verification.ts';

/** A session with one device of the peer, with nothing said yet. */
export function createSession(params: SessionParams): SessionState {
  const { own, ourJid, theirJid, dialect = 'spec' } = params;
  const policy = completePolicy(params.policy);
  const transitional = transitionalIn(policy.mode);
  return {
    context: { own, ourJid, theirJid, dialect, transitional },
    policy,
    announcedTag: params.theirTag,
    messages: { tag: 'plaintext' },
    dake: DAKE_START,
    held: [],
    queriedAt: undefined,
    tagging: 'untold',
    hasSpokenVersion4: false,
    early: [],
    awaited: undefined,
    fragments: NO_FRAGMENTS,
    throttle: NO_THROTTLE,
  };
}

/**
 * Advances one session by one input. Pure: no clock, no randomness, no I/O but `env`; wipes nothing
 * that `state` still holds. Never throws because of what a peer sent.
 *
 * @see OTRv4 "The Protocol State Machine"
 */
export function step(state: SessionState, input: SessionInput, env: Env): SessionStep {
  const { next, effects } = advance(state, input, env);
  return { next, effects: retireLast(effects) };
}

function advance(state: SessionState, input: SessionInput, env: Env): SessionStep {
  switch (input.tag) {
    case 'start':
      return start(state, env);
    case 'start-offline':
      return startOffline(state, input.ensemble, env);
    case 'cancel':
      return cancel(state, env);
    case 'receive':
      return receiveBody(state, input, env);
    case 'end':
      return end(state, env);
    case 'prepare':
      return prepare(state, env);
    case 'tick':
      return tick(state, env);
    default:
      return say(state, input, env);
  }
}

function say(state: SessionState, input: SayInput, env: Env): SessionStep {
  switch (input.tag) {
    case 'send':
      return send(state, input, env);
    case 'extra-keys':
      return sendExtraKeys(state, input, env);
    case 'send-plain':
      return sendInClear(state, input);
    case 'offer':
      return offer(state, input.explanation);
    case 'smp-start':
      return verify(state, { ...input, tag: 'start' }, env);
    case 'smp-answer':
      return verify(state, { ...input, tag: 'answer' }, env);
    case 'smp-abort':
      return verify(state, { tag: 'abort' }, env);
  }
}

/** The same session under a new policy or a renewed Client Profile. */
export function reconfigure(
  state: SessionState,
  change: {
    readonly policy?: Partial<Omit<SessionPolicy, 'mode'>>;
    readonly own?: OwnIdentity;
  },
): SessionState {
  const { context } = state;
  return {
    ...state,
    context: { ...context, own: change.own ?? context.own },
    policy: completePolicy({ ...state.policy, ...change.policy, mode: state.policy.mode }),
  };
}
