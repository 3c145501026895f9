// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Extra Symmetric Key": asking for them.

import { concat } from '../bytes.ts';
import { TLV_TYPE } from '../codec/tlv.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { CONTEXT_LENGTH, toContext } from '../ratchet/extra-keys.ts';
import type { RefusedWhy } from './effect.ts';
import type { ExtraKeysInput } from './input.ts';
import { refuse, sendControl } from './sending.ts';
import type { SessionState, SessionStep } from './state.ts';
import { ignore } from './step-parts.ts';

/**
 * Announces up to ten keys in one message without text, and hands them over.
 * @see OTRv4 "Extra Symmetric Key"
 */
export function sendExtraKeys(state: SessionState, input: ExtraKeysInput, env: Env): SessionStep {
  const { ref, requests } = input;
  const { messages, dake } = state;
  if (requests.length === 0) return ignore(state, 'nothing-to-do');
  const why = whyTooMuch(requests);
  if (why !== undefined) return refuse(state, ref, why);
  if (messages.tag !== 'encrypted') {
    return refuse(state, ref, messages.tag === 'finished' ? 'finished' : 'not-encrypted');
  }
  if (dake.tag !== 'start') return refuse(state, ref, 'starting');
  const tlvs = requests.map(({ context, value }) => ({
    type: TLV_TYPE.extraSymmetricKey,
    value: concat(toContext(context), value ?? new Uint8Array(0)),
  }));
  const { next, effects } = sendControl(state, messages, tlvs, env);
  return {
    next,
    effects: effects.map((effect) => (effect.tag === 'extra-keys' ? { ...effect, ref } : effect)),
  };
}

function whyTooMuch(requests: ExtraKeysInput['requests']): RefusedWhy | undefined {
  if (requests.length > LIMITS.extraSymmetricKeys) return 'too-many-keys';
  if (requests.some(({ context }) => context.length > CONTEXT_LENGTH)) return 'too-long';
  const length = requests.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  return length > LIMITS.extraKeyValuesBytes ? 'too-long' : undefined;
}
