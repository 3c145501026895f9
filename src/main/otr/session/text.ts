// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Sending a Data Message": the user's text.

import { isTooLong } from '../codec/tlv.ts';
import type { Env } from '../env.ts';
import { queryMessage } from './clear.ts';
import type { SendInput } from './input.ts';
import { start } from './key-exchange.ts';
import { permitsClear } from '../mode.ts';
import { mustEncrypt } from './policy.ts';
import { hold, refuse, sendText } from './sending.ts';
import type { HeldText, SessionState, SessionStep } from './state.ts';
import { andThen, ignore } from './step-parts.ts';

/**
 * Encrypts the user's text, or holds it while a key exchange is under way: after an Identity
 * message no data message may be sent before the exchange is over.
 *
 * @see OTRv4 "Sending a Data Message"
 */
export function send(state: SessionState, { ref, text }: SendInput, env: Env): SessionStep {
  if (text === '') return ignore(state, 'nothing-to-do');
  if (isTooLong(text)) return refuse(state, ref, 'too-long');
  if (state.dake.tag !== 'start') return hold(state, { ref, text });
  const { messages, policy } = state;
  switch (messages.tag) {
    case 'encrypted':
      return sendText(state, messages, { ref, text }, env);
    case 'plaintext':
      return mustEncrypt(policy)
        ? holdAndAsk(state, { ref, text }, env)
        : refuse(state, ref, 'not-encrypted');
    case 'finished':
      return refuse(state, ref, 'finished');
  }
}

/** Text that may only leave encrypted asks for the session that it waits for. */
function holdAndAsk(state: SessionState, text: HeldText, env: Env): SessionStep {
  const { mode, requireEncryption } = state.policy;
  const held = hold(state, text);
  if (state.queriedAt !== undefined) return held;
  if (!permitsClear(mode) || requireEncryption !== 'by-query') {
    return andThen(held, (at) => start(at, env));
  }
  const next: SessionState = { ...held.next, queriedAt: env.monotonicMs() };
  return { next, effects: [...held.effects, queryMessage()] };
}
