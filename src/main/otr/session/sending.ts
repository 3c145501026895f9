// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Sending a Data Message": encrypt, hold or refuse; never in clear.

import type { Tlv } from '../codec/tlv.ts';
import type { Env } from '../env.ts';
import { LIMITS } from '../limits.ts';
import { seal } from './data-message.ts';
import type { RefusedWhy, TransmitEffect } from './effect.ts';
import type { MessageRef } from './input.ts';
import { ourTag } from './state.ts';
import type { Encrypted, HeldText, SessionState, SessionStep } from './state.ts';
import { andThen, retire, transmit, handOver } from './step-parts.ts';

export function refuse(state: SessionState, ref: MessageRef, why: RefusedWhy): SessionStep {
  return { next: state, effects: [{ tag: 'refused', ref, why }] };
}

export function hold(state: SessionState, text: HeldText): SessionStep {
  if (state.held.length >= LIMITS.outgoingQueue) return refuse(state, text.ref, 'too-many-held');
  return {
    next: { ...state, held: [...state.held, text] },
    effects: [{ tag: 'held', ref: text.ref }],
  };
}

export function sendText(
  state: SessionState,
  session: Encrypted,
  { ref, text }: HeldText,
  env: Env,
): SessionStep {
  const content = { text, tlvs: [], ignoreUnreadable: false, as: { kind: 'data', ref } } as const;
  const { next, effects } = sendContent(state, session, content, env);
  return { next, effects: [...effects, { tag: 'sent', ref, theirTag: session.theirTag }] };
}

/** A message without text, of which nobody is told when it cannot be read. */
export function sendControl(
  state: SessionState,
  session: Encrypted,
  tlvs: readonly Tlv[],
  env: Env,
): SessionStep {
  const content = { text: '', tlvs, ignoreUnreadable: true, as: { kind: 'control' } } as const;
  return sendContent(state, session, content, env);
}

interface Content {
  readonly text: string;
  readonly tlvs: readonly Tlv[];
  readonly ignoreUnreadable: boolean;
  readonly as: Pick<TransmitEffect, 'kind' | 'ref'>;
}

function sendContent(
  state: SessionState,
  session: Encrypted,
  { as, ...content }: Content,
  env: Env,
): SessionStep {
  const { theirTag, ratchet } = session;
  const { padTo } = state.policy;
  const route = { senderTag: ourTag(state), receiverTag: theirTag };
  const sealed = seal(ratchet, { ...content, ...route, padTo }, env);
  const now = env.monotonicMs();
  const renews = sealed.rotated || !hasTraffic(session);
  const messages: Encrypted = {
    ...session,
    ratchet: sealed.next,
    lastSentAt: now,
    renewedAt: renews ? now : session.renewedAt,
  };
  const message = { kind: as.kind, bytes: sealed.bytes, receiverTag: theirTag };
  return {
    next: { ...state, messages },
    effects: [
      { ...transmit(state, message, env), ...as },
      ...handOver(sealed.extraKeys, 'us'),
      ...retire(sealed.retired),
    ],
  };
}

/** Before the first data message, either way, the expiry of a session has not begun. */
export function hasTraffic({ ratchet }: Encrypted): boolean {
  return ratchet.rotations > 0 || ratchet.sent > 0 || ratchet.received > 0;
}

/** Sends what was held for the session that now stands, or hands it back. */
export function releaseHeld(state: SessionState, env: Env, unless?: RefusedWhy): SessionStep {
  const emptied: SessionStep = {
    next: { ...state, held: [], queriedAt: undefined },
    effects: [],
  };
  return state.held.reduce<SessionStep>(
    (before, text) =>
      andThen(before, (at) =>
        unless === undefined && at.messages.tag === 'encrypted'
          ? sendText(at, at.messages, text, env)
          : refuse(at, text.ref, unless ?? 'start-failed'),
      ),
    emptied,
  );
}
