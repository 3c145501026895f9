// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": the pieces steps are put together from.

import { formatArmor } from '../codec/armor.ts';
import { splitMessage } from '../codec/fragment.ts';
import type { ReceiverTag } from '../codec/instance-tag.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import type { ExtraKeysEffect, IgnoredWhy, SessionEffect, TransmitEffect } from './effect.ts';
import type { ExtraKeys } from '../ratchet/extra-keys.ts';
import { ourTag } from './state.ts';
import type { SessionState, SessionStep } from './state.ts';

/** Nothing happened. */
export function ignore(state: SessionState, why: IgnoredWhy): SessionStep {
  return { next: state, effects: [{ tag: 'ignored', why }] };
}

/** One step after another: the effects in order, the last state. */
export function andThen(
  first: SessionStep,
  continuation: (state: SessionState) => SessionStep,
): SessionStep {
  const second = continuation(first.next);
  return { next: second.next, effects: [...first.effects, ...second.effects] };
}

/** Effects without those that only report that nothing happened. */
export function withoutIgnored(effects: readonly SessionEffect[]): readonly SessionEffect[] {
  return effects.filter(({ tag }) => tag !== 'ignored');
}

export function retire(secrets: readonly Secret[]): readonly SessionEffect[] {
  return secrets.length === 0 ? [] : [{ tag: 'retire', secrets }];
}

/** Keys that a message announced, ours or the peer's, if it did. */
export function handOver(
  keys: ExtraKeys | undefined,
  by: ExtraKeysEffect['by'],
): readonly SessionEffect[] {
  return keys === undefined ? [] : [{ tag: 'extra-keys', by, ...keys }];
}

/** Wiping is the last thing that happens, whatever a step was made of. */
export function retireLast(effects: readonly SessionEffect[]): readonly SessionEffect[] {
  const secrets = effects.flatMap((effect) => (effect.tag === 'retire' ? effect.secrets : []));
  return [...effects.filter(({ tag }) => tag !== 'retire'), ...retire(secrets)];
}

/** Armours an encoded message and splits it where it is too long for one body. */
export function transmit(
  state: SessionState,
  message: {
    readonly kind: TransmitEffect['kind'];
    readonly bytes: Uint8Array;
    readonly receiverTag: ReceiverTag;
  },
  env: Env,
): TransmitEffect {
  const { kind, bytes, receiverTag } = message;
  const route = { senderTag: ourTag(state), receiverTag };
  const bodies = splitMessage(formatArmor(bytes), route, state.policy.maxBodyLength, env);
  return { tag: 'transmit', kind, bodies };
}
