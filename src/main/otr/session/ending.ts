// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "User requests to end an OTRv4 Conversation", "Session Expiration".

import { TLV_TYPE } from '../codec/tlv.ts';
import { DAKE_START, dakeSecrets } from '../dake/state.ts';
import type { Env } from '../env.ts';
import { forgetAllSkipped } from '../ratchet/ratchet.ts';
import { seal } from './data-message.ts';
import type { SessionEffect } from './effect.ts';
import { releaseHeld } from './sending.ts';
import { encryptedSecrets, ourTag, RATCHET_LIMITS } from './state.ts';
import type { Encrypted, MessageState, SessionState, SessionStep } from './state.ts';
import { andThen, ignore, retire, transmit } from './step-parts.ts';

/**
 * The user ends: a key exchange under way is given up, the peer is told, all keys go.
 * @see OTRv4 "User requests to end an OTRv4 Conversation"
 */
export function end(state: SessionState, env: Env): SessionStep {
  const { messages, dake, held } = state;
  if (messages.tag === 'plaintext' && dake.tag === 'start' && held.length === 0) {
    return ignore(state, 'nothing-to-do');
  }
  const alone = abandonDake(state);
  const ended = andThen(alone, (at) => {
    if (messages.tag === 'encrypted') return disconnect(at, messages, 'us', env);
    const next: SessionState = { ...at, messages: { tag: 'plaintext' } };
    return { next, effects: messages.tag === 'finished' ? [ENDED_BY_US] : [] };
  });
  return andThen(ended, (at) => releaseHeld(at, env, 'ended'));
}

const ENDED_BY_US: SessionEffect = { tag: 'ended', by: 'us', revealed: 0 };

/**
 * Leaves a live session for one that begins offline: Disconnected is sent, its keys go, and nobody is
 * told of an end, since what follows replaces it.
 *
 * @see OTRv4 "Starting an offline conversation after an online one"
 */
export function leave(state: SessionState, session: Encrypted, env: Env): SessionStep {
  const { next, effects } = disconnect(state, session, 'us', env);
  return { next, effects: effects.filter(({ tag }) => tag !== 'ended') };
}

/** @see OTRv4 "Session Expiration" */
export function expire(state: SessionState, session: Encrypted, env: Env): SessionStep {
  return disconnect(state, session, 'expired', env);
}

/** The peer ended: nothing more can be sent, and what we hold is of no use. */
export function endedByPeer(state: SessionState, session: Encrypted): SessionStep {
  return {
    next: { ...state, messages: { tag: 'finished', by: 'peer' } },
    effects: [
      ...endSmp(session),
      { tag: 'ended', by: 'peer', revealed: 0 },
      ...retire(encryptedSecrets(session)),
    ],
  };
}

/** A comparison under way ends with its session. */
export function endSmp({ smp }: Encrypted): readonly SessionEffect[] {
  return smp.tag === 'expect1' ? [] : [{ tag: 'smp-aborted', by: 'session-ended' }];
}

/** Gives up a key exchange under way and what arrived for it. */
export function abandonDake(state: SessionState): SessionStep {
  if (state.dake.tag === 'start') return { next: state, effects: [] };
  return {
    next: { ...state, dake: DAKE_START, early: [] },
    effects: retire(dakeSecrets(state.dake)),
  };
}

/** Sends Disconnected with every MAC key that is left, and forgets the session. */
function disconnect(
  state: SessionState,
  session: Encrypted,
  by: 'us' | 'expired',
  env: Env,
): SessionStep {
  const receiverTag = session.theirTag;
  const forgotten = forgetAllSkipped(session.ratchet, RATCHET_LIMITS);
  const sealed = seal(
    forgotten.next,
    {
      text: '',
      tlvs: [{ type: TLV_TYPE.disconnected, value: new Uint8Array(0) }],
      ignoreUnreadable: true,
      senderTag: ourTag(state),
      receiverTag,
      padTo: state.policy.padTo,
      isLast: true,
    },
    env,
  );
  const { bytes, revealed } = sealed;
  const messages: MessageState = by === 'us' ? { tag: 'plaintext' } : { tag: 'finished', by };
  return {
    next: { ...state, messages },
    effects: [
      transmit(state, { kind: 'control', bytes, receiverTag }, env),
      ...endSmp(session),
      { tag: 'ended', by, revealed },
      ...retire([
        ...forgotten.retired,
        ...sealed.retired,
        ...encryptedSecrets({ ...session, ratchet: sealed.next }),
      ]),
    ],
  };
}
