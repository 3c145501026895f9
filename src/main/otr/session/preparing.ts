// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "When you send a Data Message": the keys of our next rotation, made while nobody waits.

import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { canMakeAhead, giveUpAhead, madeAheadAt, makeAhead } from '../ratchet/next-turn.ts';
import type { SessionState, SessionStep } from './state.ts';
import { ignore, retire } from './step-parts.ts';

/** Whether `prepare` has something to do: the next message of ours makes new ratchet keys. */
export function canPrepare({ messages, dake }: SessionState): boolean {
  return messages.tag === 'encrypted' && dake.tag === 'start' && canMakeAhead(messages.ratchet);
}

/** Makes the keys that the next message of ours would make. It is the same message either way. */
export function prepare(state: SessionState, env: Env): SessionStep {
  const { messages } = state;
  if (messages.tag !== 'encrypted' || !canPrepare(state)) return ignore(state, 'nothing-to-do');
  const ratchet = makeAhead(messages.ratchet, env);
  return { next: { ...state, messages: { ...messages, ratchet } }, effects: [] };
}

/** When prepared keys have lain about for too long, on the monotonic clock. */
export function preparedDueAt({ messages }: SessionState): number | undefined {
  const madeAt = messages.tag === 'encrypted' ? madeAheadAt(messages.ratchet) : undefined;
  return madeAt === undefined ? undefined : madeAt + LIMITS.preparedKeysLifetimeMs;
}

/** Gives prepared keys up: the next message makes new ones, a little later. */
export function dropPrepared(state: SessionState): SessionStep {
  const { messages } = state;
  if (messages.tag !== 'encrypted') return { next: state, effects: [] };
  const { next: ratchet, retired } = giveUpAhead(messages.ratchet);
  return { next: { ...state, messages: { ...messages, ratchet } }, effects: retire(retired) };
}
