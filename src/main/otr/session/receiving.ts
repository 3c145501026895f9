// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving a Data Message": from a body to the part that handles it.

import { recognise } from '../codec/classify.ts';
import type { RecognisedBody } from '../codec/classify.ts';
import type { ErrorCode } from '../codec/error-message.ts';
import { parseFragment } from '../codec/fragment.ts';
import { NO_TAG } from '../codec/instance-tag.ts';
import { addFragment, CONTACT_REASSEMBLY, STRANGER_REASSEMBLY } from '../codec/reassembly.ts';
import type { Env } from '../env.ts';
import { tryRead } from '../errors.ts';
import { mayOffer, queryMessage } from './clear.ts';
import type { ReceiveInput } from './input.ts';
import { receiveConfirmation, receiveInvitation, receiveReply } from './key-exchange.ts';
import { receiveInClear, receiveOffer, receiveVersion3 } from './offers.ts';
import { receiveOffline } from './offline.ts';
import { receiveData } from './received-data.ts';
import { ourTag } from './state.ts';
import type { SessionState, SessionStep } from './state.ts';
import { ignore } from './step-parts.ts';
import { admitQuery } from './throttle.ts';

/** One body from the peer's full address. Whatever it holds, this returns. */
export function receiveBody(state: SessionState, input: ReceiveInput, env: Env): SessionStep {
  const kind = recognise(input.body);
  switch (kind.kind) {
    case 'plaintext':
    case 'whitespace-tag':
      return receiveInClear(state, input.body, env);
    case 'query':
      return receiveOffer(state, { by: 'query', versions: kind.versions }, env);
    case 'error':
      return receiveError(state, kind.code, env);
    case 'fragment':
      return refusing(state, () => receiveFragment(state, input, env));
    case 'message':
      return refusing(state, () => receiveMessage(state, kind, input, env));
    case 'version-3':
      return receiveVersion3(state, kind);
    case 'foreign':
      return ignore(state, 'malformed');
  }
}

/** Bytes that cannot be read and values that cannot be right change nothing. */
function refusing(state: SessionState, attempt: () => SessionStep): SessionStep {
  return tryRead(attempt) ?? ignore(state, 'invalid');
}

function receiveMessage(
  state: SessionState,
  { message, bytes }: Extract<RecognisedBody, { kind: 'message' }>,
  input: ReceiveInput,
  env: Env,
): SessionStep {
  switch (message) {
    case 'identity': {
      const body = input.body.trim();
      return receiveInvitation(state, { bytes, body, accepted: input.accepted === true }, env);
    }
    case 'auth-r':
      return receiveReply(state, bytes, env);
    case 'auth-i':
      return receiveConfirmation(state, bytes, env);
    case 'data':
      return receiveData(state, bytes, env);
    case 'non-interactive-auth':
      return receiveOffline(state, bytes, input, env);
  }
}

/**
 * An error is reported by its code and changes nothing. With the policy of version 3 that is named
 * ERROR_START_AKE it also draws a Query message, now and then, where no session or key exchange is.
 *
 * @see OTRv4 "Receiving an Error Message"
 */
function receiveError(state: SessionState, code: ErrorCode | undefined, env: Env): SessionStep {
  if (code === undefined) return ignore(state, 'unknown-error');
  const reported: SessionStep = { next: state, effects: [{ tag: 'peer-error', code }] };
  const { policy, dake } = state;
  if (!policy.offerOnError || !mayOffer(state) || dake.tag !== 'start') return reported;
  const throttle = admitQuery(state.throttle, env.monotonicMs());
  if (throttle === undefined) return reported;
  return { next: { ...state, throttle }, effects: [...reported.effects, queryMessage()] };
}

/** @see OTRv4 "Receiving Fragments" */
function receiveFragment(state: SessionState, input: ReceiveInput, env: Env): SessionStep {
  const fragment = parseFragment(input.body.trim());
  if (fragment.receiverTag !== NO_TAG && fragment.receiverTag !== ourTag(state)) {
    return ignore(state, 'not-for-us');
  }
  if (fragment.senderTag === ourTag(state)) return ignore(state, 'reflected');
  const limits = state.policy.peer === 'contact' ? CONTACT_REASSEMBLY : STRANGER_REASSEMBLY;
  const added = addFragment(state.fragments, fragment, env.monotonicMs(), limits);
  if (added.next === state.fragments) return ignore(state, 'fragment');
  const kept: SessionState = { ...state, fragments: added.next };
  if (added.tag !== 'complete') return ignore(kept, 'fragment');
  return receiveBody(kept, { ...input, body: added.message }, env);
}
