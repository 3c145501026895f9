// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "When you send a Data Message": the keys of our next rotation, made while nobody waits.

import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { canMakeAhead, giveUpAhead, madeAheadAt, makeAhead } from '../ratchet/next-turn.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { ignore, retire } from './step-parts.ts';

/** The live session whose next message of ours makes new ratchet keys, if it does. */
function turningSession({ messages, dake }: SessionState): Encrypted | undefined {
  return messages.tag === 'encrypted' && dake.tag === 'start' && canMakeAhead(messages.ratchet)
    ? messages
    : undefined;
}

/** Whether `prepare` has something to do. */
export function canPrepare(state: SessionState): boolean {
  return turningSession(state) !== undefined;
}

/** Makes the keys that the next message of ours would make. It is the same message either way. */
export function prepare(state: SessionState, env: Env): SessionStep {
  const session = turningSession(state);
  if (session === undefined) return ignore(state, 'nothing-to-do');
  const ratchet = makeAhead(session.ratchet, env);
  return { next: { ...state, messages: { ...session, ratchet } }, effects: [] };
}

/** When prepared keys have lain about for too long, on the monotonic clock. */
export function preparedDueAt({ ratchet }: Encrypted): number | undefined {
  const madeAt = madeAheadAt(ratchet);
  return madeAt === undefined ? undefined : madeAt + LIMITS.preparedKeysLifetimeMs;
}

/** Gives prepared keys up: the next message makes new ones, a little later. */
export function dropPrepared(state: SessionState, session: Encrypted): SessionStep {
  const { next: ratchet, retired } = giveUpAhead(session.ratchet);
  return { next: { ...state, messages: { ...session, ratchet } }, effects: retire(retired) };
}
