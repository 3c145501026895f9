// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving an Identity Message", "Starting a conversation interactively".

import { decodeAuthI } from '../codec/auth-i.ts';
import { decodeAuthR } from '../codec/auth-r.ts';
import { decodeIdentity } from '../codec/identity.ts';
import type { IdentityMessage } from '../codec/identity.ts';
import { NO_TAG } from '../codec/instance-tag.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';
import { initiate, receiveAuthI, receiveAuthR, receiveIdentity } from '../dake/interactive.ts';
import type { ReceivedIdentity } from '../dake/interactive.ts';
import type { DakeState, DakeStep } from '../dake/state.ts';
import { holdsKeyOf } from '../dake/sides.ts';
import { validateOffer } from '../dake/validate.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import type { IgnoredWhy, SessionEffect } from './effect.ts';
import { abandonDake } from './ending.ts';
import { establish } from './establish.ts';
import { releaseHeld } from './sending.ts';
import type { SessionState, SessionStep } from './state.ts';
import { andThen, ignore, transmit } from './step-parts.ts';
import { admitIdentity, isUsedIdentity } from './throttle.ts';

/** Version, type and two tags: what stands before the profile in an Identity message. */
const HEADER_LENGTH = 11;

/** @see OTRv4 "Starting a conversation interactively" */
export function start(state: SessionState, env: Env): SessionStep {
  const { messages, dake, context } = state;
  const known = messages.tag === 'encrypted' ? messages.theirTag : state.announcedTag;
  const receiverTag = dake.tag === 'waiting-auth-r' ? dake.receiverTag : (known ?? NO_TAG);
  return perform(state, initiate(dake, receiverTag, context, env), env);
}

/** Gives a key exchange up, or the wait for one; a live session beside it goes on. */
export function cancel(state: SessionState, env: Env): SessionStep {
  return state.dake.tag === 'start' && state.queriedAt === undefined
    ? ignore(state, 'nothing-to-do')
    : failDake(state, 'cancelled', env);
}

/** What was held goes to the live session, if there is one, or back to the user. */
export function failDake(
  state: SessionState,
  why: 'cancelled' | 'timed-out',
  env: Env,
): SessionStep {
  const abandoned = abandonDake(state);
  const told: SessionStep = {
    next: abandoned.next,
    effects: [...abandoned.effects, { tag: 'start-failed', why }],
  };
  return andThen(told, (at) => releaseHeld(at, env));
}

export interface ReceivedInvitation {
  readonly bytes: Uint8Array;
  /** As it came: what an `invitation` gives to the caller. */
  readonly body: string;
  readonly accepted: boolean;
}

/**
 * @throws {OtrError} when it is malformed or invalid
 * @see OTRv4 "Receiving an Identity Message"
 */
export function receiveInvitation(
  state: SessionState,
  received: ReceivedInvitation,
  env: Env,
): SessionStep {
  const message = decodeIdentity(received.bytes);
  const content = received.bytes.slice(HEADER_LENGTH);
  const stray = whyStray(state, message, content);
  if (stray !== undefined) return ignore(state, stray);
  if (received.accepted) return answerAccepted(state, { message, content }, env);
  const throttle = admitIdentity(state.throttle, env.monotonicMs());
  if (throttle === undefined) return ignore(state, 'rate-limited');
  const admitted: SessionState = { ...state, throttle };
  if (mustAsk(state, message, content)) return invite(admitted, message, received.body, env);
  const step = receiveIdentity(state.dake, { message, content }, state.context, env);
  const isAnswered = step.effects.some(({ tag }) => tag === 'transmit');
  return perform(isAnswered ? admitted : state, step, env);
}

/**
 * What the user agreed to was counted when it was asked. If the peer gave up and asked again
 * without having learned our tag, our answer to the first time is given up too.
 */
function answerAccepted(state: SessionState, received: ReceivedIdentity, env: Env): SessionStep {
  const isStale = state.dake.tag === 'waiting-auth-i' && received.message.receiverTag === NO_TAG;
  const ready = isStale ? abandonDake(state) : { next: state, effects: [] };
  return andThen(ready, (at) =>
    perform(at, receiveIdentity(at.dake, received, at.context, env), env),
  );
}

/** Not for this client, used before, or one that may not be answered now. */
function whyStray(
  { context, dake, policy, throttle }: SessionState,
  { senderTag, receiverTag, ecdhPublic }: IdentityMessage,
  content: Uint8Array,
): IgnoredWhy | undefined {
  const { ownerTag } = context.own.profile;
  if (senderTag === ownerTag) return 'reflected';
  if (receiverTag !== NO_TAG && receiverTag !== ownerTag) return 'not-for-us';
  if (isUsedIdentity(throttle, ecdhPublic)) return 'duplicate';
  if (dake.tag !== 'waiting-auth-i' || receiverTag === ownerTag) return undefined;
  // Who answered one Identity message answers no other that does not name this client; but the
  // user may be asked again.
  if (equalBytes(content, dake.answered)) return 'duplicate';
  return policy.invitations === 'ask' ? undefined : 'not-for-us';
}

/**
 * Whether the user is to be asked before anything is answered: when the policy says so, and always
 * when somebody with another key would take the place of a live session.
 */
function mustAsk(state: SessionState, message: IdentityMessage, content: Uint8Array): boolean {
  const { dake, messages, policy } = state;
  // Answered before, and the same message again.
  if (dake.tag === 'waiting-auth-i' && equalBytes(content, dake.answered)) return false;
  if (messages.tag === 'encrypted' && !claimsSameKey(message, messages.theirFingerprint)) {
    return true;
  }
  // Both sides spoke first: the user has agreed already.
  if (dake.tag === 'waiting-auth-r') return false;
  return policy.invitations === 'ask';
}

/** By what the profile says; whether it may say so is checked before the answer. */
function claimsSameKey({ profile }: IdentityMessage, fingerprint: Uint8Array): boolean {
  const keys = [profile.publicKey, profile.forgingKey];
  return equalBytes(kdf(USAGE.fingerprint, keys, fingerprint.length), fingerprint);
}

/** Only a valid message is worth the user's attention. */
function invite(
  state: SessionState,
  message: IdentityMessage,
  body: string,
  env: Env,
): SessionStep {
  const offer = validateOffer(message, env, state.context.transitional);
  if (holdsKeyOf(offer, state.context.own)) throw new OtrError('equal-keys', 'identity');
  const { senderTag, profile } = offer;
  const claimed = { theirTag: senderTag, claimedFingerprint: profile.fingerprint };
  return { next: state, effects: [{ tag: 'invitation', body, ...claimed }] };
}

/** @throws {OtrError} when it is malformed or invalid */
export function receiveReply(state: SessionState, bytes: Uint8Array, env: Env): SessionStep {
  const { dake, context } = state;
  if (dake.tag !== 'waiting-auth-r') return ignore(state, 'unexpected');
  return perform(state, receiveAuthR(dake, decodeAuthR(bytes), context, env), env);
}

/** @throws {OtrError} when it is malformed */
export function receiveConfirmation(state: SessionState, bytes: Uint8Array, env: Env): SessionStep {
  const { dake, context } = state;
  if (dake.tag !== 'waiting-auth-i') return ignore(state, 'unexpected');
  return perform(state, receiveAuthI(dake, decodeAuthI(bytes), context), env);
}

/** Takes over what the key exchange did. */
function perform(state: SessionState, { next, effects }: DakeStep, env: Env): SessionStep {
  const dake = keepDeadline(state, next);
  if (dake === state.dake) return { next: state, effects: effects.flatMap(toEffects) };
  const moved: SessionStep = {
    next: { ...state, dake, early: dake.tag === 'waiting-auth-i' ? state.early : [] },
    effects: [...announce(), ...effects.flatMap(toEffects)],
  };
  const established = effects.find((effect) => effect.tag === 'established');
  if (established === undefined) return moved;
  return andThen({ next: { ...moved.next, early: state.early }, effects: moved.effects }, (at) =>
    establish(at, established, env),
  );

  function toEffects(effect: DakeStep['effects'][number]): readonly SessionEffect[] {
    switch (effect.tag) {
      case 'transmit':
        return [transmit(state, { ...effect, kind: 'dake' }, env)];
      case 'established':
        return [];
      case 'retire':
      case 'ignored':
        return [effect];
    }
  }

  function announce(): readonly SessionEffect[] {
    const { tag } = dake;
    if (tag === 'start' || tag === state.dake.tag) return [];
    return [{ tag: 'starting', role: tag === 'waiting-auth-r' ? 'initiator' : 'responder' }];
  }
}

/** What a live session holds waits for one minute, not for as long as exchanges follow each other. */
function keepDeadline({ messages, dake }: SessionState, next: DakeState): DakeState {
  const goesOn = next !== dake && next.tag === 'waiting-auth-i' && dake.tag === 'waiting-auth-i';
  return goesOn && messages.tag === 'encrypted' ? { ...next, startedAt: dake.startedAt } : next;
}
