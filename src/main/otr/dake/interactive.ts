// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive DAKE Overview": Identity, Auth-R, Auth-I, and what each changes.

import type { InstanceTag } from '../bytes.ts';
import { encodeAuthI } from '../codec/auth-i.ts';
import type { AuthIMessage } from '../codec/auth-i.ts';
import { encodeAuthR } from '../codec/auth-r.ts';
import type { AuthRMessage } from '../codec/auth-r.ts';
import { encodeIdentity } from '../codec/identity.ts';
import type { IdentityMessage } from '../codec/identity.ts';
import { NO_TAG } from '../codec/instance-tag.ts';
import type { ReceiverTag } from '../codec/instance-tag.ts';
import { encodeMpi } from '../codec/writer.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { DhPublic } from '../crypto/dh3072.ts';
import { shake } from '../crypto/kdf.ts';
import type { Env } from '../env.ts';
import type { FirstKeys } from '../ratchet/ratchet.ts';
import { generateEphemerals } from './ephemerals.ts';
import { agreeSecret } from './shared-secret.ts';
import {
  authIRing,
  authRRing,
  holdsKeyOf,
  toOfferSide,
  toPublics,
  toSide,
  toTranscript,
} from './sides.ts';
import { sign, verifies } from './signing.ts';
import { DAKE_START, dakeSecrets } from './state.ts';
import type {
  DakeContext,
  DakeEffect,
  DakeState,
  DakeStep,
  Ephemerals,
  WaitingAuthI,
  WaitingAuthR,
} from './state.ts';
import { authITranscript, authRTranscript } from './transcript.ts';
import { validateOffer } from './validate.ts';
import type { ValidOffer } from './validate.ts';

type IgnoredDake = Extract<DakeEffect, { tag: 'ignored' }>['why'];

const stay = (state: DakeState, why: IgnoredDake): DakeStep => ({
  next: state,
  effects: [{ tag: 'ignored', why }],
});

/**
 * Starts, or starts again: while an Identity message of ours is unanswered the same one is sent
 * once more, and a key exchange the peer started is given up for ours.
 *
 * @param receiverTag 0 while the peer's tag is unknown
 * @see OTRv4 "Starting a conversation interactively"
 */
export function initiate(
  state: DakeState,
  receiverTag: ReceiverTag,
  context: DakeContext,
  env: Env,
): DakeStep {
  const moment = { startedAt: env.monotonicMs(), since: env.nowMs() };
  if (state.tag === 'waiting-auth-r') {
    return sendIdentity({ ...state, receiverTag, startedAt: moment.startedAt }, []);
  }
  const next: WaitingAuthR = {
    tag: 'waiting-auth-r',
    own: context.own,
    ours: generateEphemerals(env),
    receiverTag,
    ...moment,
  };
  return sendIdentity(next, retire(state));
}

/** An Identity message, and its bytes from the profile on: what a re-sent one has in common. */
export interface ReceivedIdentity {
  readonly message: IdentityMessage;
  readonly content: Uint8Array;
}

/**
 * @throws {OtrError} when it is not valid
 * @see OTRv4 "Receiving an Identity Message"
 */
export function receiveIdentity(
  state: DakeState,
  { message, content }: ReceivedIdentity,
  context: DakeContext,
  env: Env,
): DakeStep {
  const stray = whyStray(state, message, context.own.profile.ownerTag);
  if (stray !== undefined) return stay(state, stray);
  // The same message again: an answer with new keys would dead-lock two who both spoke first.
  if (state.tag === 'waiting-auth-i' && equalBytes(content, state.answered)) {
    return { next: state, effects: [transmitAuthR(state)] };
  }
  const theirs = validateOffer(message, env, context.transitional);
  if (holdsKeyOf(theirs, context.own)) return stay(state, 'invalid');
  // Both sides spoke first. The higher commitment wins and repeats itself; the lower one answers.
  if (state.tag === 'waiting-auth-r' && outranks(state.ours, theirs)) {
    return sendIdentity({ ...state, receiverTag: theirs.senderTag }, []);
  }
  return answer(state, { theirs, content }, context, env);
}

/** Of our own, for another client, or from one that does not know the client that answered it. */
function whyStray(
  state: DakeState,
  { senderTag, receiverTag, ecdhPublic }: IdentityMessage,
  ourTag: InstanceTag,
): IgnoredDake | undefined {
  if (senderTag === ourTag) return 'reflected';
  if (receiverTag !== NO_TAG && receiverTag !== ourTag) return 'not-for-us';
  if (state.tag === 'waiting-auth-i' && receiverTag === NO_TAG) return 'not-for-us';
  const isOwn = state.tag === 'waiting-auth-r' && equalBytes(ecdhPublic, state.ours.ecdh.public);
  return isOwn ? 'reflected' : undefined;
}

/** @see OTRv4 "Sending an Auth-R Message" */
function answer(
  state: DakeState,
  received: { readonly theirs: ValidOffer; readonly content: Uint8Array },
  context: DakeContext,
  env: Env,
): DakeStep {
  const { own } = context;
  const { theirs } = received;
  const fresh = generateEphemerals(env);
  const agreed = agreeSecret(fresh, theirs.ecdhPublic, theirs.dhPublic, env);
  fresh.ecdh.secret.wipe();
  fresh.dh.secret.wipe();
  const ours = {
    ecdhPublic: fresh.ecdh.public,
    dhPublic: fresh.dh.public,
    firstEcdh: fresh.firstEcdh,
    firstDh: fresh.firstDh,
  };
  const alice = toSide(own, ours);
  const t = authRTranscript(toTranscript(toOfferSide(theirs), alice, 'alice', context));
  const sent = encodeAuthR({
    senderTag: own.profile.ownerTag,
    receiverTag: theirs.senderTag,
    profile: own.profile,
    ecdhPublic: ours.ecdhPublic,
    dhPublic: ours.dhPublic,
    sigma: sign(
      own,
      { ring: authRRing(theirs.profile, own.profile, theirs.ecdhPublic), t },
      context,
      env,
    ),
    firstEcdhPublic: ours.firstEcdh.public,
    firstDhPublic: ours.firstDh.public,
  });
  const next: WaitingAuthI = {
    tag: 'waiting-auth-i',
    own,
    ours,
    theirs,
    answered: received.content,
    sent,
    ...agreed,
    startedAt: env.monotonicMs(),
    since: env.nowMs(),
  };
  return { next, effects: [transmitAuthR(next), ...retire(state)] };
}

function transmitAuthR({ sent, theirs }: WaitingAuthI): DakeEffect {
  return { tag: 'transmit', bytes: sent, receiverTag: theirs.senderTag };
}

/**
 * @throws {OtrError} when it is not valid
 * @see OTRv4 "Receiving an Auth-R Message"
 */
export function receiveAuthR(
  state: DakeState,
  message: AuthRMessage,
  context: DakeContext,
  env: Env,
): DakeStep {
  if (state.tag !== 'waiting-auth-r') return stay(state, 'unexpected');
  const { own, ours } = state;
  if (message.receiverTag !== own.profile.ownerTag) return stay(state, 'not-for-us');
  if (message.senderTag === own.profile.ownerTag) return stay(state, 'reflected');
  if (state.receiverTag !== NO_TAG && message.senderTag !== state.receiverTag) {
    return stay(state, 'foreign-tag');
  }
  const theirs = validateOffer(message, env, context.transitional);
  if (holdsKeyOf(theirs, own)) return stay(state, 'invalid');
  const bob = toSide(own, toPublics(ours));
  const alice = toOfferSide(theirs);
  const ring = authRRing(own.profile, theirs.profile, ours.ecdh.public);
  const t = authRTranscript(toTranscript(bob, alice, 'alice', context));
  if (!verifies(message.sigma, { ring, t }, context)) {
    return stay(state, 'invalid');
  }
  const ti = authITranscript(toTranscript(bob, alice, 'bob', context));
  const bytes = encodeAuthI({
    senderTag: own.profile.ownerTag,
    receiverTag: theirs.senderTag,
    sigma: sign(
      own,
      { ring: authIRing(own.profile, theirs.profile, theirs.ecdhPublic), t: ti },
      context,
      env,
    ),
  });
  return {
    next: DAKE_START,
    effects: [
      { tag: 'transmit', bytes, receiverTag: theirs.senderTag },
      {
        tag: 'established',
        role: 'initiator',
        ...agreeSecret(ours, theirs.ecdhPublic, theirs.dhPublic, env),
        firstKeys: toFirstKeys(ours, theirs),
        own,
        theirs,
      },
      ...retire(state),
    ],
  };
}

/** @see OTRv4 "Receiving an Auth-I Message" */
export function receiveAuthI(
  state: DakeState,
  message: AuthIMessage,
  context: DakeContext,
): DakeStep {
  if (state.tag !== 'waiting-auth-i') return stay(state, 'unexpected');
  const { own, ours, theirs, mixed, ssid } = state;
  if (message.receiverTag !== own.profile.ownerTag) return stay(state, 'not-for-us');
  if (message.senderTag !== theirs.senderTag) return stay(state, 'foreign-tag');
  const ring = authIRing(theirs.profile, own.profile, ours.ecdhPublic);
  const sides = toTranscript(toOfferSide(theirs), toSide(own, ours), 'bob', context);
  const t = authITranscript(sides);
  if (!verifies(message.sigma, { ring, t }, context)) {
    return stay(state, 'invalid');
  }
  const firstKeys = toFirstKeys(ours, theirs);
  return {
    next: DAKE_START,
    effects: [{ tag: 'established', role: 'responder', mixed, ssid, firstKeys, own, theirs }],
  };
}

function sendIdentity(next: WaitingAuthR, retired: readonly DakeEffect[]): DakeStep {
  const { own, ours, receiverTag } = next;
  const bytes = encodeIdentity({
    senderTag: own.profile.ownerTag,
    receiverTag,
    profile: own.profile,
    ecdhPublic: ours.ecdh.public,
    dhPublic: ours.dh.public,
    firstEcdhPublic: ours.firstEcdh.public,
    firstDhPublic: ours.firstDh.public,
  });
  return { next, effects: [{ tag: 'transmit', bytes, receiverTag }, ...retired] };
}

/**
 * Compares the two DH keys by SHAKE-256(MPI, 32), read as big-endian numbers. Who is not higher
 * yields, so two equal ones both would; that takes a collision or our own message.
 */
function outranks(ours: Ephemerals, theirs: ValidOffer): boolean {
  const own = commitment(ours.dh.public);
  const other = commitment(theirs.dhPublic);
  const at = own.findIndex((octet, index) => octet !== other[index]);
  return (own[at] ?? 0) > (other[at] ?? 0);
}

function commitment(dhPublic: DhPublic): Uint8Array {
  return shake(encodeMpi(dhPublic), 32);
}

function toFirstKeys(
  ours: Pick<Ephemerals, 'firstEcdh' | 'firstDh'>,
  theirs: ValidOffer,
): FirstKeys {
  return {
    ourEcdh: ours.firstEcdh,
    ourDh: ours.firstDh,
    theirEcdh: theirs.firstEcdh,
    theirDh: theirs.firstDh,
  };
}

/** Secrets the new state no longer holds. Wiped after the step is committed, never before. */
function retire(state: DakeState): readonly DakeEffect[] {
  const secrets = dakeSecrets(state);
  return secrets.length === 0 ? [] : [{ tag: 'retire', secrets }];
}
