// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving a Query Message": what arrives in clear.

import { NO_TAG } from '../codec/instance-tag.ts';
import type { Version3Message } from '../codec/version-3.ts';
import { findWhitespaceTag } from '../codec/whitespace-tag.ts';
import type { Env } from '../env.ts';
import type { OfferedBy, SessionEffect } from './effect.ts';
import { start } from './key-exchange.ts';
import { permitsClear } from '../mode.ts';
import { mustEncrypt } from './policy.ts';
import { ourTag } from './state.ts';
import type { SessionState, SessionStep } from './state.ts';
import { andThen, ignore } from './step-parts.ts';
import { admitQuery } from './throttle.ts';

/** @see OTRv4 "Receiving plaintext without the whitespace tag" */
function receivePlaintext(state: SessionState, text: string): SessionStep {
  if (text === '') return ignore(state, 'nothing-to-do');
  // Who answers our offer in clear does not want it.
  const next: SessionState =
    state.tagging === 'offered' ? { ...state, tagging: 'declined' } : state;
  return { next, effects: [showPlaintext(state, text)] };
}

function showPlaintext(state: SessionState, text: string): SessionEffect {
  const { messages, dake, policy } = state;
  const isStarting = messages.tag === 'plaintext' && dake.tag !== 'start';
  const during = isStarting ? 'starting' : messages.tag;
  return { tag: 'plaintext', text, during, warn: during !== 'plaintext' || mustEncrypt(policy) };
}

/** @see OTRv4 "Receiving plaintext with the whitespace tag" */
export function receiveInClear(state: SessionState, body: string, env: Env): SessionStep {
  const found = findWhitespaceTag(body);
  if (found === undefined) return receivePlaintext(state, body);
  const { text, versions } = found;
  const effects = text === '' ? [] : [showPlaintext(state, text)];
  if (effects.length > 0 && !permitsClear(state.policy.mode)) return { next: state, effects };
  return andThen({ next: state, effects }, (at) =>
    receiveOffer(at, { by: 'whitespace-tag', versions }, env),
  );
}

interface Offer {
  readonly by: OfferedBy;
  readonly versions: string;
}

/**
 * An offer is reported; whether it also starts a key exchange is the user's policy, and it is always
 * one of the highest version. Beside a live session a query may, and the session stays until the
 * exchange is complete; a tag may not.
 *
 * @see OTRv4 "Receiving a Query Message"
 */
export function receiveOffer(state: SessionState, offer: Offer, env: Env): SessionStep {
  const { policy, messages, throttle } = state;
  if (!permitsClear(policy.mode)) return ignore(state, 'not-allowed');
  const offered: SessionStep = { next: state, effects: report(state, offer) };
  const isAllowed = policy.answerOffers && offer.versions.includes('4');
  if (!isAllowed || (offer.by === 'whitespace-tag' && messages.tag !== 'plaintext')) return offered;
  const admitted = admitQuery(throttle, env.monotonicMs());
  if (admitted === undefined) return offered;
  return andThen({ next: { ...state, throttle: admitted }, effects: offered.effects }, (at) =>
    start(at, env),
  );
}

/**
 * A message of version 3 is never acted upon. Where a conversation might begin, the one that would
 * begin it is reported as what it is: an offer of version 3.
 *
 * @see OTRv4 "Protocol Events"
 */
export function receiveVersion3(state: SessionState, received: Version3Message): SessionStep {
  const { policy, messages, dake } = state;
  const { message, senderTag, receiverTag } = received;
  if (!permitsClear(policy.mode)) return ignore(state, 'not-allowed');
  if (receiverTag !== NO_TAG && receiverTag !== ourTag(state)) return ignore(state, 'not-for-us');
  if (senderTag === ourTag(state)) return ignore(state, 'reflected');
  const mayBegin = messages.tag === 'plaintext' && dake.tag === 'start';
  if (!mayBegin || message !== 'dh-commit') return ignore(state, 'wrong-version');
  return { next: state, effects: report(state, { by: 'version-3-message', versions: '3' }) };
}

function report(state: SessionState, offer: Offer): readonly SessionEffect[] {
  const { policy, hasSpokenVersion4 } = state;
  const { by, versions } = offer;
  const isKnown = policy.peerSpeaksVersion4 || hasSpokenVersion4;
  const isOlder = /[123]/.test(versions) && !versions.includes('4');
  const offered: SessionEffect = { tag: 'offer', ...offer };
  return isKnown && isOlder ? [offered, { tag: 'version-rollback', by }] : [offered];
}
