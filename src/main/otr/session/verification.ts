// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "User requests to begin SMP": SMP inside a session.

import type { Env } from '../env.ts';
import { stepSmp } from '../smp/machine.ts';
import type { SmpEffect as MachineEffect, SmpInput } from '../smp/machine.ts';
import type { SessionEffect } from './effect.ts';
import { sendControl } from './sending.ts';
import type { Encrypted, SessionState, SessionStep } from './state.ts';
import { andThen, ignore } from './step-parts.ts';

/** What the user may do about verification. Nothing of it exists outside a live session. */
export function verify(
  state: SessionState,
  input: Extract<SmpInput, { tag: 'start' | 'answer' | 'abort' }>,
  env: Env,
): SessionStep {
  const { messages } = state;
  if (messages.tag === 'encrypted') return advance(state, messages, input, env);
  return input.tag === 'abort'
    ? ignore(state, 'nothing-to-do')
    : { next: state, effects: [{ tag: 'smp-unavailable', why: 'not-encrypted' }] };
}

/**
 * Advances the comparison inside a live session, and puts what it says into data messages.
 * @see OTRv4 "The SMP State Machine"
 */
export function advance(
  state: SessionState,
  session: Encrypted,
  input: SmpInput,
  env: Env,
): SessionStep {
  const { ourFingerprint, theirFingerprint } = session;
  const { next: smp, effects } = session.ssid.lend((ssid) =>
    stepSmp(session.smp, input, { ourFingerprint, theirFingerprint, ssid }, env),
  );
  const moved = smp === session.smp ? state : { ...state, messages: { ...session, smp } };
  return effects.reduce<SessionStep>(
    (before, effect) => andThen(before, (at) => perform(at, effect, env)),
    { next: moved, effects: [] },
  );
}

function perform(state: SessionState, effect: MachineEffect, env: Env): SessionStep {
  const { messages } = state;
  // Stryker disable next-line ConditionalExpression,CallExpression: no effect of a comparison ends its session
  if (messages.tag !== 'encrypted') throw new RangeError('comparison without a session');
  return effect.tag === 'send'
    ? sendControl(state, messages, [effect.tlv], env)
    : { next: state, effects: [toSessionEffect(effect, messages)] };
}

function toSessionEffect(
  effect: Exclude<MachineEffect, { tag: 'send' }>,
  { theirFingerprint }: Encrypted,
): SessionEffect {
  switch (effect.tag) {
    case 'asked':
      return { tag: 'smp-asked', question: effect.question };
    case 'progress':
      return { tag: 'smp-progress', at: effect.at };
    case 'result':
      return {
        tag: 'smp-result',
        matched: effect.matched,
        as: effect.as,
        theirFingerprint,
      };
    case 'aborted':
      return { tag: 'smp-aborted', by: effect.by };
    case 'cheated':
      return { tag: 'smp-cheated' };
    case 'refused':
      return { tag: 'smp-unavailable', why: effect.why };
    case 'retire':
    case 'ignored':
      return effect;
  }
}
