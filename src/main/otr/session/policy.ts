// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": what the user decided about this correspondent.

import type { Fingerprint } from '../bytes.ts';
import { LIMITS } from '../limits.ts';
import type { Mode } from './mode.ts';

/** What the user decided about this correspondent. May change while a session lives. */
export interface SessionPolicy {
  /** What is possible at all, for every session of the account alike. */
  readonly mode: Mode;
  /**
   * What a peer's Identity message does when no key exchange of ours is under way: `accept` answers
   * it, `ask` reports an `invitation` and waits for the same body with `accepted`.
   */
  readonly invitations: 'accept' | 'ask';
  /** Whether a Query message or a whitespace tag that offers version 4 starts a key exchange. */
  readonly answerOffers: boolean;
  /**
   * Whose session may carry text that was held while there was none. A list is exact: held text is
   * handed back (`refused`, `unexpected-key`) when the established key is not on it.
   */
  readonly heldTextGoesTo: 'any-key' | readonly Fingerprint[];
  /** How long our Identity message may wait for an answer: the peer's user may be asked first. */
  readonly answerWithinMs: number;
  /** Pads each text to a multiple of this many bytes with a padding TLV; 0 pads nothing. */
  readonly padTo: number;
  /** Without a new own ECDH key for this long the session expires. */
  readonly expireAfterMs: number;
  /** Upon receipt, after this much silence of ours, an empty message is sent. 0 sends none. */
  readonly heartbeatAfterMs: number;
  /** The largest body that may be sent in one piece, in characters. */
  readonly maxBodyLength: number;
}

const MINUTE_MS = 60_000;

export const DEFAULT_POLICY: SessionPolicy = {
  mode: 'compatible',
  invitations: 'ask',
  answerOffers: false,
  heldTextGoesTo: 'any-key',
  answerWithinMs: 10 * MINUTE_MS,
  padTo: 256,
  expireAfterMs: LIMITS.sessionIdleMs,
  heartbeatAfterMs: LIMITS.heartbeatIntervalMs,
  maxBodyLength: LIMITS.fragmentOutChars,
};
