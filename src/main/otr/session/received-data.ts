// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving a Data Message": which state may read what.

import type { InstanceTag } from '../bytes.ts';
import { decodeDataMessage } from '../codec/data-message.ts';
import type { DataMessage } from '../codec/data-message.ts';
import { TLV_TYPE } from '../codec/tlv.ts';
import type { Tlv } from '../codec/tlv.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { open } from './data-message.ts';
import type { Opening } from './data-message.ts';
import type { SessionEffect } from './effect.ts';
import { endedByPeer } from './ending.ts';
import { replyWithError } from './error-reply.ts';
import { heartbeat } from './heartbeat.ts';
import { permitsOffline } from '../mode.ts';
import { hasTraffic } from './sending.ts';
import { ourTag, RATCHET_LIMITS } from './state.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { andThen, handOver, ignore, retire, withoutIgnored } from './step-parts.ts';
import { advance } from './verification.ts';

/** How many authenticators are kept to recognise a message that is delivered twice. */
const READ_BEFORE = 128;

interface Received {
  readonly bytes: Uint8Array;
  readonly message: DataMessage;
  readonly authenticated: Uint8Array;
}

/**
 * @param bytes an encoded data message
 * @throws {OtrError} when it is malformed
 * @see OTRv4 "Receiving a Data Message"
 */
export function receiveData(state: SessionState, bytes: Uint8Array, env: Env): SessionStep {
  const received = { bytes, ...decodeDataMessage(bytes) };
  const { message } = received;
  if (message.receiverTag !== ourTag(state)) return ignore(state, 'not-for-us');
  if (message.senderTag === ourTag(state)) return ignore(state, 'reflected');
  const { messages } = state;
  if (messages.tag !== 'encrypted') return receiveWithoutSession(state, received, env);
  if (message.senderTag !== messages.theirTag) return receiveForeign(state, received, env);
  return receiveInSession(state, messages, received, env);
}

function receiveWithoutSession(state: SessionState, received: Received, env: Env): SessionStep {
  if (isEarly(state, received, env)) return keepEarly(state, received.bytes, env);
  if (received.message.ignoreUnreadable) return ignore(state, 'unreadable');
  const kept = mayBegin(state, received) ? keepEarly(state, received.bytes, env).next : state;
  return replyWithError(kept, 'not-private', [{ tag: 'unreadable', why: 'no-session' }], env);
}

/** Of another client of the peer, or of nobody: it belongs to no session of ours. */
function receiveForeign(state: SessionState, received: Received, env: Env): SessionStep {
  if (isEarly(state, received, env)) return keepEarly(state, received.bytes, env);
  if (received.message.ignoreUnreadable) return ignore(state, 'foreign-tag');
  return replyWithError(state, 'malformed', [{ tag: 'ignored', why: 'foreign-tag' }], env);
}

function receiveInSession(
  state: SessionState,
  session: Encrypted,
  received: Received,
  env: Env,
): SessionStep {
  const { message } = received;
  const opening = open(session.ratchet, received, RATCHET_LIMITS, env);
  if (opening.tag === 'opened') {
    const messages: Encrypted = {
      ...session,
      ratchet: opening.next,
      renewedAt: hasTraffic(session) ? session.renewedAt : env.monotonicMs(),
      readBefore: [...session.readBefore.slice(1 - READ_BEFORE), message.authenticator],
    };
    const read = deliver({ ...state, messages }, session.theirTag, opening, env);
    return { next: read.next, effects: [...retire(opening.retired), ...read.effects] };
  }
  if (wasReadBefore(session, message)) return ignore(state, 'duplicate');
  if (isEarly(state, received, env)) return keepEarly(state, received.bytes, env);
  if (message.ignoreUnreadable) return ignore(state, 'unreadable');
  return replyWithError(state, 'unreadable', [{ tag: 'unreadable', why: 'undecryptable' }], env);
}

/** The very message: a network may deliver twice, and nobody need be told. */
function wasReadBefore({ readBefore }: Encrypted, { authenticator }: DataMessage): boolean {
  return readBefore.some((known) => equalBytes(known, authenticator));
}

/**
 * Whether a message may be of the session that is about to stand: the peer writes as soon as its
 * Auth-I or Non-Interactive-Auth is sent, the network may turn them around, and a person or a store
 * may have to be asked first.
 */
function isEarly(state: SessionState, received: Received, env: Env): boolean {
  const { dake, awaited } = state;
  const { senderTag } = received.message;
  const awaits = awaited?.theirTag === senderTag && env.monotonicMs() < awaited.until;
  const isExpected =
    awaits || (dake.tag === 'waiting-auth-i' && dake.theirs.senderTag === senderTag);
  return isExpected && fitsEarly(state, received);
}

/**
 * Whether a message may be of a session the peer began while we were away, of which nothing has
 * arrived yet. It is reported as unreadable, which it is, and kept for a while all the same.
 */
function mayBegin(state: SessionState, received: Received): boolean {
  const { messages, policy } = state;
  return messages.tag === 'plaintext' && permitsOffline(policy.mode) && fitsEarly(state, received);
}

function fitsEarly({ early }: SessionState, { bytes, message }: Received): boolean {
  const stored = early.reduce((sum, kept) => sum + kept.bytes.length, 0);
  return (
    message.ratchetId === 0 &&
    early.length < LIMITS.earlyMessages &&
    stored + bytes.length <= LIMITS.earlyBytes
  );
}

function keepEarly(state: SessionState, bytes: Uint8Array, env: Env): SessionStep {
  const isKnown = state.early.some((kept) => equalBytes(kept.bytes, bytes));
  if (isKnown) return ignore(state, 'duplicate');
  const kept = { bytes, arrivedAt: env.monotonicMs() };
  return {
    next: { ...state, early: [...state.early, kept] },
    effects: [{ tag: 'ignored', why: 'early' }],
  };
}

/**
 * Tries each stored message once against the session that now stands, and forgets them all. Those
 * of the session before it fail without a word.
 */
export function receiveEarly(state: SessionState, env: Env): SessionStep {
  return state.early.reduce<SessionStep>(
    (before, { bytes }) => andThen(before, (at) => tryEarly(at, bytes, env)),
    {
      next: { ...state, early: [] },
      effects: [],
    },
  );
}

function tryEarly(state: SessionState, bytes: Uint8Array, env: Env): SessionStep {
  const { messages } = state;
  const none: SessionStep = { next: state, effects: [] };
  // Stryker disable next-line ConditionalExpression: without a session there is no tag that could be equal
  if (messages.tag !== 'encrypted') return none;
  const received = { bytes, ...decodeDataMessage(bytes) };
  if (received.message.senderTag !== messages.theirTag) return none;
  const step = receiveInSession(state, messages, received, env);
  return step.next.messages === messages ? none : step;
}

type Opened = Extract<Opening, { readonly tag: 'opened' }>;

/** What a message says: its text first, then its keys and records, as far as the session lasts. */
function deliver(
  state: SessionState,
  theirTag: InstanceTag,
  { plaintext, extraKeys }: Opened,
  env: Env,
): SessionStep {
  const { text, tlvs } = plaintext;
  const shown: readonly SessionEffect[] = text === '' ? [] : [{ tag: 'message', text, theirTag }];
  const handled = tlvs.reduce<SessionStep>(
    (before, tlv) => andThen(before, (at) => handleTlv(at, tlv, env)),
    { next: state, effects: [...shown, ...handOver(extraKeys, 'peer')] },
  );
  const effects = withoutIgnored(handled.effects);
  return andThen({ next: handled.next, effects }, (at) => heartbeat(at, env));
}

/**
 * By the numbers of version 4, where 7 announces a key (and was looked after when the message was
 * opened) and 8 is nothing. Padding and types nobody knows are passed over.
 *
 * @see OTRv4 "TLV Record Types"
 */
function handleTlv(state: SessionState, tlv: Tlv, env: Env): SessionStep {
  const { messages } = state;
  if (messages.tag !== 'encrypted') return { next: state, effects: [] };
  switch (tlv.type) {
    case TLV_TYPE.disconnected:
      return endedByPeer(state, messages);
    case TLV_TYPE.smp1:
    case TLV_TYPE.smp2:
    case TLV_TYPE.smp3:
    case TLV_TYPE.smp4:
    case TLV_TYPE.smpAbort:
      return advance(state, messages, { tag: 'receive', tlv }, env);
    default:
      return { next: state, effects: [] };
  }
}
