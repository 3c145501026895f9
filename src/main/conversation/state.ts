// SPDX-License-Identifier: GPL-3.0-or-later

import type { ComposerMode, ConversationState, StartFailure } from '#shared/model/conversation.ts';
import type { Rules } from '#shared/model/rules.ts';

/** All that the state of a conversation depends on. */
export interface Facts {
  readonly rules: Rules;
  /** The account may speak in clear at all. */
  readonly mayBeClear: boolean;
  /** A device of the contact, and ours, can be reached. */
  readonly reachable: boolean;
  /** The contact has spoken off the record before, or offered to. */
  readonly known: boolean;
  /** A key exchange is under way. */
  readonly starting: boolean;
  /** Why the last attempt came to nothing, until the next one. */
  readonly failure: StartFailure | undefined;
  /** The devices the next message is for: none, or how far they are verified. */
  readonly live: 'none' | 'unverified' | 'mixed' | 'verified';
  /** Those of them that are not verified may have messages by the user's word. */
  readonly allowed: boolean;
  /** There is a chat, but not with the device that is to get messages. */
  readonly elsewhere: boolean;
  /** They, or we, cannot be reached at the moment. */
  readonly away: boolean;
  /** They are away, and what is written is kept for them. */
  readonly kept: boolean;
  /** Keys are being asked for to begin with while they are away. */
  readonly seeking: boolean;
  /** There were none, and what was typed waits until they are back. */
  readonly keyless: boolean;
  readonly interrupted: boolean;
  readonly keyChanged: boolean;
  readonly ended: 'peer' | 'expired' | undefined;
  /** The user confirmed that the next message may go in clear. */
  readonly unlocked: boolean;
  readonly held: number;
  /** Grows with each session, end and lock, so that no token ever comes back. */
  readonly epoch: number;
}

export interface Derived {
  readonly state: ConversationState;
  readonly composer: ComposerMode;
  readonly token: string;
}

const ENDED = { peer: 'ended-by-peer', expired: 'expired' } as const;

/** @see features-and-ux 2.5.3; what is most urgent comes first. */
export function deriveState(facts: Facts): ConversationState {
  if (facts.keyChanged) return 'key-changed';
  if (facts.interrupted) return 'interrupted';
  if (facts.starting) return 'starting';
  if (facts.live !== 'none' && !isLeftAlone(facts)) {
    return facts.kept ? deriveKept(facts) : facts.live;
  }
  return deriveIdle(facts);
}

const deriveKept = ({ live }: Facts): ConversationState =>
  live === 'verified' ? 'offline-verified' : 'offline-unverified';

/** There is no session with a device that is to get messages. */
function deriveIdle(facts: Facts): ConversationState {
  if (facts.seeking) return 'starting';
  if (facts.elsewhere || isStranded(facts)) return 'waiting';
  if (facts.ended !== undefined) return ENDED[facts.ended];
  if (cannotEncrypt(facts)) return 'cannot-encrypt';
  if (!facts.mayBeClear) return facts.reachable ? 'not-started' : 'waiting';
  return facts.known ? 'plain-available' : 'plain';
}

/** S6: what was typed to be encrypted waits until they are back, since they left no keys. */
const isStranded = ({ keyless, held, reachable }: Facts): boolean =>
  keyless && held > 0 && !reachable;

/** The same beside a chat that was live until they went: its keys open nothing for them later. */
const isLeftAlone = (facts: Facts): boolean =>
  isStranded(facts) && !facts.kept && !isForbidden(facts);

/**
 * S11: nothing may go in clear, and the other side did not manage to start. Where that holds for
 * everybody, no answer of someone who can is no reason to lock: it is tried again.
 */
function cannotEncrypt({ rules, failure, mayBeClear, known }: Facts): boolean {
  const failed = failure === 'no-answer' || failure === 'invalid-answer';
  return rules.otr === 'always' && failed && (mayBeClear || !known);
}

const FIXED: Partial<Readonly<Record<ConversationState, ComposerMode>>> = {
  'key-changed': 'locked',
  'ended-by-peer': 'locked',
  expired: 'locked',
  'cannot-encrypt': 'locked',
  'not-started': 'hold',
  waiting: 'hold',
  starting: 'hold',
  interrupted: 'hold',
};

/** What Enter does: the table of features-and-ux 2.5.6. */
export function deriveComposer(facts: Facts, state: ConversationState): ComposerMode {
  const fixed = FIXED[state];
  if (fixed !== undefined) return fixed;
  if (state === 'plain' || state === 'plain-available') return plainComposer(facts);
  if (isForbidden(facts)) return 'locked';
  return facts.away ? 'hold' : 'send';
}

/** Only verified devices get anything, and this one is not. */
const isForbidden = ({ live, rules, allowed }: Facts): boolean =>
  live === 'unverified' && rules.verifiedOnly && !allowed;

function plainComposer({ rules, known, unlocked, held }: Facts): ComposerMode {
  if (rules.otr === 'always') return 'hold';
  if (unlocked) return 'send';
  // Texts typed to be encrypted still wait: going plain beside them takes an explicit act (I-3).
  if (held > 0) return 'hold';
  return rules.otr === 'whenever' && known ? 'hold' : 'send';
}

export function derive(facts: Facts): Derived {
  const state = deriveState(facts);
  const composer = deriveComposer(facts, state);
  return { state, composer, token: `${state}/${composer}/${String(facts.epoch)}` };
}
