// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Session Expiration": what becomes due.

import { dropStaleFragments, nextStaleAt } from '../codec/reassembly.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { forgetOldSkipped } from '../ratchet/ratchet.ts';
import { nextSmpTickAt } from '../smp/machine.ts';
import { expire } from './ending.ts';
import { replyWithError } from './error-reply.ts';
import { failDake } from './key-exchange.ts';
import type { SessionPolicy } from './policy.ts';
import { dropPrepared, preparedDueAt } from './preparing.ts';
import { beganOffline, RATCHET_LIMITS } from './state.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { andThen, ignore, retire, withoutIgnored } from './step-parts.ts';
import { advance } from './verification.ts';

/** Does what time has made due. */
export function tick(state: SessionState, env: Env): SessionStep {
  const due = [
    dropFragments,
    dropEarly,
    endDake,
    inSession(forgetSkipped),
    inSession(forgetPrepared),
    inSession(endSession),
    inSession(tickSmp),
  ];
  const done = due.reduce<SessionStep>((before, part) => andThen(before, (at) => part(at, env)), {
    next: state,
    effects: [],
  });
  return done.next === state ? ignore(state, 'nothing-to-do') : done;
}

/** On the monotonic clock, in milliseconds; undefined when nothing will ever be due. */
export function nextDueAt(state: SessionState): number | undefined {
  const { messages, policy } = state;
  const ofSession =
    messages.tag === 'encrypted'
      ? [
          skippedDueAt(messages),
          preparedDueAt(messages),
          sessionDueAt(messages, policy),
          nextSmpTickAt(messages.smp),
        ]
      : [];
  const instants = [
    nextStaleAt(state.fragments),
    earlyDueAt(state),
    dakeDueAt(state),
    ...ofSession,
  ].filter((at) => at !== undefined);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

const unchanged = (state: SessionState): SessionStep => ({ next: state, effects: [] });

/** What only a live session has to do. */
function inSession(
  part: (state: SessionState, session: Encrypted, env: Env) => SessionStep,
): (state: SessionState, env: Env) => SessionStep {
  return (state, env) => {
    const { messages } = state;
    return messages.tag === 'encrypted' ? part(state, messages, env) : unchanged(state);
  };
}

function isDue(dueAt: number | undefined, env: Env): boolean {
  return env.monotonicMs() >= (dueAt ?? Number.POSITIVE_INFINITY);
}

function dropFragments(state: SessionState, env: Env): SessionStep {
  const fragments = dropStaleFragments(state.fragments, env.monotonicMs());
  return unchanged(fragments === state.fragments ? state : { ...state, fragments });
}

function earlyDueAt({ early: [oldest] }: SessionState): number | undefined {
  return oldest === undefined ? undefined : oldest.arrivedAt + LIMITS.earlyLifetimeMs;
}

/** What overtook a key exchange that did not come is given up. */
function dropEarly(state: SessionState, env: Env): SessionStep {
  if (!isDue(earlyDueAt(state), env)) return unchanged(state);
  const deadline = env.monotonicMs() - LIMITS.earlyLifetimeMs;
  return unchanged({ ...state, early: state.early.filter((kept) => kept.arrivedAt > deadline) });
}

/**
 * The peer's user may take a while to answer; a program answers at once. A live session must not be
 * kept from sending for longer than that by an exchange that nobody completes.
 */
function dakeDueAt({ dake, messages, policy, queriedAt }: SessionState): number | undefined {
  if (dake.tag === 'start') {
    return queriedAt === undefined ? undefined : queriedAt + policy.answerWithinMs;
  }
  const waitsForPerson = dake.tag === 'waiting-auth-r' && messages.tag !== 'encrypted';
  const answersAtOnce = Math.min(LIMITS.dakeTimeoutMs, policy.answerWithinMs);
  return dake.startedAt + (waitsForPerson ? policy.answerWithinMs : answersAtOnce);
}

/**
 * What had come for a session that never stood is lost, and its sender, for whom it does stand, would
 * never know: the last message of the exchange went astray.
 */
function endDake(state: SessionState, env: Env): SessionStep {
  if (!isDue(dakeDueAt(state), env)) return unchanged(state);
  const failed = failDake(state, 'timed-out', env);
  const isMissed = state.early.length > 0 && state.messages.tag !== 'encrypted';
  return isMissed ? andThen(failed, (at) => replyWithError(at, 'not-private', [], env)) : failed;
}

function skippedDueAt({ ratchet }: Encrypted): number | undefined {
  const [oldest] = ratchet.skipped;
  return oldest === undefined ? undefined : oldest.storedAt + LIMITS.skippedKeyLifetimeMs;
}

/** @see OTRv4 "Deletion of Stored Message Keys" */
function forgetSkipped(state: SessionState, session: Encrypted, env: Env): SessionStep {
  if (!isDue(skippedDueAt(session), env)) return unchanged(state);
  const deadline = env.monotonicMs() - LIMITS.skippedKeyLifetimeMs;
  const { next: ratchet, retired } = forgetOldSkipped(session.ratchet, deadline, RATCHET_LIMITS);
  return { next: { ...state, messages: { ...session, ratchet } }, effects: retire(retired) };
}

function forgetPrepared(state: SessionState, session: Encrypted, env: Env): SessionStep {
  return isDue(preparedDueAt(session), env) ? dropPrepared(state, session) : unchanged(state);
}

function sessionDueAt(session: Encrypted, policy: SessionPolicy): number {
  const { expireAfterMs, expireOfflineAfterMs } = policy;
  return session.renewedAt + (beganOffline(session) ? expireOfflineAfterMs : expireAfterMs);
}

/** @see OTRv4 "Session Expiration" */
function endSession(state: SessionState, session: Encrypted, env: Env): SessionStep {
  return isDue(sessionDueAt(session, state.policy), env)
    ? expire(state, session, env)
    : unchanged(state);
}

function tickSmp(state: SessionState, session: Encrypted, env: Env): SessionStep {
  const { next, effects } = advance(state, session, { tag: 'tick' }, env);
  return { next, effects: withoutIgnored(effects) };
}
