// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "User requests to start an OTR Conversation": what we say in clear.

import { formatQuery } from '../codec/query.ts';
import { isTooLong } from '../codec/tlv.ts';
import { addWhitespaceTag } from '../codec/whitespace-tag.ts';
import type { RefusedWhy, SessionEffect } from './effect.ts';
import type { SendPlainInput } from './input.ts';
import { permitsClear } from '../mode.ts';
import { mustEncrypt } from './policy.ts';
import { refuse } from './sending.ts';
import type { SessionState, SessionStep } from './state.ts';
import { ignore } from './step-parts.ts';

/** All that is spoken here. */
const VERSIONS = '4';

/** Beside a live session, and in a mode that knows no clear text, nobody may ask in clear. */
export function mayOffer({ messages, policy }: SessionState): boolean {
  return permitsClear(policy.mode) && messages.tag !== 'encrypted';
}

/** @see OTRv4 "Query Messages" */
export function offer(state: SessionState, explanation?: string): SessionStep {
  if (!mayOffer(state)) return ignore(state, 'not-allowed');
  return { next: state, effects: [queryMessage(explanation)] };
}

export function queryMessage(explanation?: string): SessionEffect {
  return { tag: 'transmit', kind: 'control', bodies: [formatQuery(VERSIONS, explanation)] };
}

/**
 * Text that everyone on the way can read: only while there is neither a session nor a key exchange,
 * and only where mode and policy permit it.
 *
 * @see OTRv4 "Protocol States", "Whitespace Tags"
 */
export function sendInClear(state: SessionState, { ref, text }: SendPlainInput): SessionStep {
  const { policy, tagging } = state;
  if (text === '') return ignore(state, 'nothing-to-do');
  const why = whyNotInClear(state, text);
  if (why !== undefined) return refuse(state, ref, why);
  const tags = policy.tagPlainText && tagging !== 'declined';
  return {
    next: tags && tagging !== 'offered' ? { ...state, tagging: 'offered' } : state,
    effects: [
      { tag: 'transmit', kind: 'clear', bodies: [tags ? addWhitespaceTag(text) : text], ref },
    ],
  };
}

function whyNotInClear(
  { messages, dake, policy }: SessionState,
  text: string,
): RefusedWhy | undefined {
  if (messages.tag === 'finished') return 'finished';
  if (mustEncrypt(policy) || messages.tag === 'encrypted' || dake.tag !== 'start') {
    return 'must-be-encrypted';
  }
  return isTooLong(text) ? 'too-long' : undefined;
}
