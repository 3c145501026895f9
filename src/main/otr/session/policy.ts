// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": what the user decided about this correspondent.

import type { Fingerprint } from '../bytes.ts';
import { LIMITS } from '../limits.ts';
import { permitsClear } from '../mode.ts';
import type { Mode } from '../mode.ts';

/** What the user decided about this correspondent. May change while a session lives. */
export interface SessionPolicy {
  /** What is possible at all: fixed when a session is created, and the same in all of an account. */
  readonly mode: Mode;
  /** Whether the user knows the peer; a stranger may leave less unfinished. */
  readonly peer: 'contact' | 'stranger';
  /**
   * Whether text may leave in clear while there is no session. If it must not, such text is held and
   * asks for a session: with an Identity message, or with a Query message where nobody knows yet
   * whether the peer speaks version 4. Modes without clear text require it in any case.
   */
  readonly requireEncryption: 'no' | 'by-identity' | 'by-query';
  /** Whether text in clear carries an offer of version 4, until the peer answers it in clear. */
  readonly tagPlainText: boolean;
  /**
   * What a peer's Identity message does when no key exchange of ours is under way: `accept` answers
   * it, `ask` reports an `invitation` and waits for the same body with `accepted`.
   */
  readonly invitations: 'accept' | 'ask';
  /** Whether a Query message or a whitespace tag that offers version 4 starts a key exchange. */
  readonly answerOffers: boolean;
  /** Whether an error message of the peer is answered with a Query message, outside of a session. */
  readonly offerOnError: boolean;
  /** Known by a published profile or the user's word: an offer of less is then a rollback. */
  readonly peerSpeaksVersion4: boolean;
  /**
   * Whose session may carry text that was held while there was none. A list is exact: held text is
   * handed back (`refused`, `unexpected-key`) when the established key is not on it.
   */
  readonly heldTextGoesTo: 'any-key' | readonly Fingerprint[];
  /** How long our Identity message may wait for an answer: the peer's user may be asked first. */
  readonly answerWithinMs: number;
  /** Pads each text to a multiple of this many bytes with a padding TLV; 0 pads nothing. */
  readonly padTo: number;
  /** Without a new own ECDH key for this long the session expires: ten minutes to 14 days. */
  readonly expireAfterMs: number;
  /** As `expireAfterMs`, for a session that one end began while the other was away. */
  readonly expireOfflineAfterMs: number;
  /** Upon receipt, after this much silence of ours, an empty message is sent. 0 sends none. */
  readonly heartbeatAfterMs: number;
  /** The largest body that may be sent in one piece, in characters: 65,536 at most. */
  readonly maxBodyLength: number;
}

const MINUTE_MS = 60_000;

export const DEFAULT_POLICY: SessionPolicy = {
  mode: 'compatible',
  peer: 'contact',
  requireEncryption: 'no',
  tagPlainText: false,
  invitations: 'ask',
  answerOffers: false,
  offerOnError: false,
  peerSpeaksVersion4: false,
  heldTextGoesTo: 'any-key',
  answerWithinMs: 10 * MINUTE_MS,
  padTo: 256,
  expireAfterMs: LIMITS.sessionIdleMs,
  expireOfflineAfterMs: LIMITS.sessionIdleMaxMs,
  heartbeatAfterMs: LIMITS.heartbeatIntervalMs,
  maxBodyLength: LIMITS.fragmentOutChars,
};

/** Where nothing but a session leads on, nobody should wait for one that does not come. */
const ALWAYS_ENCRYPTED: SessionPolicy = {
  ...DEFAULT_POLICY,
  answerWithinMs: LIMITS.alwaysEncryptedAnswerMs,
};

/** What was chosen, and what its mode has for the rest. */
export function completePolicy(chosen: Partial<SessionPolicy> = {}): SessionPolicy {
  const { mode = DEFAULT_POLICY.mode } = chosen;
  return bounded({ ...(permitsClear(mode) ? DEFAULT_POLICY : ALWAYS_ENCRYPTED), ...chosen });
}

/** What a user may choose, and a server may name, has ends. */
function bounded(policy: SessionPolicy): SessionPolicy {
  return {
    ...policy,
    expireAfterMs: Math.min(
      Math.max(policy.expireAfterMs, LIMITS.sessionIdleMinMs),
      LIMITS.sessionIdleMaxMs,
    ),
    expireOfflineAfterMs: Math.min(policy.expireOfflineAfterMs, LIMITS.sessionIdleMaxMs),
    maxBodyLength: Math.min(policy.maxBodyLength, LIMITS.fragmentOutMaxChars),
  };
}

/** Whether nothing of ours may leave in clear. */
export function mustEncrypt({ mode, requireEncryption }: SessionPolicy): boolean {
  return !permitsClear(mode) || requireEncryption !== 'no';
}
