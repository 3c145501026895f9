// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Exchange": a sign of life.

import type { Env } from '../env.ts';
import { sendControl } from './sending.ts';
import type { SessionState, SessionStep } from './state.ts';

/** MAC keys that may wait for a turn of ours before one is taken for their sake. */
const REVEAL_PRESSURE = 512;

/**
 * A sign of life that also turns the ratchet and reveals MAC keys: sent upon receipt when we have
 * been silent, or when more keys wait to be revealed than one should keep.
 *
 * @see OTRv4 "Data Exchange"
 */
export function heartbeat(state: SessionState, env: Env): SessionStep {
  const { messages, policy, dake } = state;
  const none: SessionStep = { next: state, effects: [] };
  if (messages.tag !== 'encrypted' || dake.tag !== 'start') return none;
  const { heartbeatAfterMs } = policy;
  const isSilent =
    heartbeatAfterMs > 0 && env.monotonicMs() - messages.lastSentAt >= heartbeatAfterMs;
  const { nextRotation, macKeysToReveal } = messages.ratchet;
  const mustReveal = nextRotation === 'send' && macKeysToReveal.length >= REVEAL_PRESSURE;
  return isSilent || mustReveal ? sendControl(state, messages, [], env) : none;
}
