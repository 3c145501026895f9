// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving a Data Message": from a body to the part that handles it.

import { parseArmor } from '../codec/armor.ts';
import { classify } from '../codec/classify.ts';
import type { OtrMessageKind } from '../codec/classify.ts';
import { parseFragment } from '../codec/fragment.ts';
import { NO_TAG } from '../codec/instance-tag.ts';
import { addFragment } from '../codec/reassembly.ts';
import { findWhitespaceTag } from '../codec/whitespace-tag.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import type { SessionEffect } from './effect.ts';
import type { ReceiveInput } from './input.ts';
import { receiveConfirmation, receiveInvitation, receiveReply, start } from './key-exchange.ts';
import { receiveData } from './received-data.ts';
import { ourTag } from './state.ts';
import type { SessionState, SessionStep } from './state.ts';
import { andThen, ignore } from './step-parts.ts';
import { admitQuery } from './throttle.ts';

/** One body from the peer's full address. Whatever it holds, this returns. */
export function receiveBody(state: SessionState, input: ReceiveInput, env: Env): SessionStep {
  const kind = classify(input.body);
  switch (kind.kind) {
    case 'plaintext':
      return showPlaintext(state, input.body);
    case 'whitespace-tag':
      return receiveTagged(state, input.body, env);
    case 'query':
      return receiveOffer(state, 'query', kind.versions, env);
    case 'error':
      return kind.code === undefined
        ? ignore(state, 'unknown-error')
        : { next: state, effects: [{ tag: 'peer-error', code: kind.code }] };
    case 'fragment':
      return refusing(state, () => receiveFragment(state, input, env));
    case 'message':
      return refusing(state, () => receiveMessage(state, kind.message, input, env));
    case 'foreign':
      return ignore(state, 'malformed');
  }
}

/** Bytes that cannot be read and values that cannot be right change nothing. */
function refusing(state: SessionState, attempt: () => SessionStep): SessionStep {
  try {
    return attempt();
  } catch (cause) {
    if (cause instanceof OtrError) return ignore(state, 'invalid');
    throw cause;
  }
}

function receiveMessage(
  state: SessionState,
  kind: OtrMessageKind,
  input: ReceiveInput,
  env: Env,
): SessionStep {
  const body = input.body.trim();
  const bytes = parseArmor(body);
  switch (kind) {
    case 'identity':
      return receiveInvitation(state, { bytes, body, accepted: input.accepted === true }, env);
    case 'auth-r':
      return receiveReply(state, bytes, env);
    case 'auth-i':
      return receiveConfirmation(state, bytes, env);
    case 'data':
      return receiveData(state, bytes, env);
    case 'non-interactive-auth':
      return ignore(state, 'not-allowed');
  }
}

/** @see OTRv4 "Receiving Fragments" */
function receiveFragment(state: SessionState, input: ReceiveInput, env: Env): SessionStep {
  const fragment = parseFragment(input.body.trim());
  if (fragment.receiverTag !== NO_TAG && fragment.receiverTag !== ourTag(state)) {
    return ignore(state, 'not-for-us');
  }
  if (fragment.senderTag === ourTag(state)) return ignore(state, 'reflected');
  const added = addFragment(state.fragments, fragment, env.monotonicMs());
  if (added.next === state.fragments) return ignore(state, 'fragment');
  const kept: SessionState = { ...state, fragments: added.next };
  if (added.tag !== 'complete') return ignore(kept, 'fragment');
  return receiveBody(kept, { ...input, body: added.message }, env);
}

function showPlaintext(state: SessionState, text: string): SessionStep {
  if (text === '') return ignore(state, 'nothing-to-do');
  return { next: state, effects: [{ tag: 'plaintext', text, during: duringOf(state) }] };
}

function duringOf({ messages, dake }: SessionState) {
  return messages.tag === 'plaintext' && dake.tag !== 'start' ? 'starting' : messages.tag;
}

/** @see OTRv4 "Receiving plaintext with the whitespace tag" */
function receiveTagged(state: SessionState, body: string, env: Env): SessionStep {
  const found = findWhitespaceTag(body);
  if (found === undefined) return showPlaintext(state, body);
  const shown: readonly SessionEffect[] =
    found.text === '' ? [] : showPlaintext(state, found.text).effects;
  return andThen({ next: state, effects: shown }, (at) =>
    receiveOffer(at, 'whitespace-tag', found.versions, env),
  );
}

/**
 * An offer is reported; whether it also starts a key exchange is the user's policy. Beside a live
 * session a query may, and the session stays until the exchange is complete; a tag may not.
 *
 * @see OTRv4 "Receiving a Query Message"
 */
function receiveOffer(
  state: SessionState,
  by: 'query' | 'whitespace-tag',
  versions: string,
  env: Env,
): SessionStep {
  const offered: SessionStep = { next: state, effects: [{ tag: 'offer', by, versions }] };
  const isAllowed = state.policy.answerOffers && versions.includes('4');
  if (!isAllowed || (by === 'whitespace-tag' && state.messages.tag !== 'plaintext')) return offered;
  const throttle = admitQuery(state.throttle, env.monotonicMs());
  if (throttle === undefined) return offered;
  return andThen({ next: { ...state, throttle }, effects: offered.effects }, (at) =>
    start(at, env),
  );
}
