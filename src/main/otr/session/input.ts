// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": everything that can happen to a session.

import type { OwnPrekeys } from '../dake/non-interactive.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';

/** The caller's own name for a text, given back with whatever becomes of it. */
export type MessageRef = number | string;

/** Everything that can happen to a session. Nothing else changes it. */
export type SessionInput =
  /** The user starts, or refreshes a live session: sends an Identity message. */
  | { readonly tag: 'start' }
  | StartOfflineInput
  /** Aborts a key exchange in progress. A live session beside it goes on. */
  | { readonly tag: 'cancel' }
  | ReceiveInput
  /** The user ends: Disconnected is sent, keys go, the session is plain again. */
  | { readonly tag: 'end' }
  /** Nobody waits: makes the keys that our next message needs, if it needs new ones. */
  | { readonly tag: 'prepare' }
  /** The clock moved: expiry, time-outs, stale fragments. See `nextTickAt`. */
  | { readonly tag: 'tick' }
  | SayInput;

/** What the user has to say to the peer, apart from beginning and ending. */
export type SayInput =
  | SendInput
  | SendPlainInput
  | ExtraKeysInput
  /** Offers OTR in clear: sends a Query message. Refused beside a live session. */
  | {
      readonly tag: 'offer';
      /** For people whose client knows no OTR. Must name nobody. */
      readonly explanation?: string;
    }
  /** Starts the Socialist Millionaires' Protocol; a run in progress is aborted first. */
  | { readonly tag: 'smp-start'; readonly question?: string; readonly secret: string }
  | { readonly tag: 'smp-answer'; readonly secret: string }
  | { readonly tag: 'smp-abort' };

/** A message body from the peer's full address, exactly as it came. */
export interface ReceiveInput {
  readonly tag: 'receive';
  readonly body: string;
  /**
   * The user agreed to the invitation that `body` is. Only looked at under the policy
   * `invitations: 'ask'`, and only for the `body` of an `invitation` effect.
   */
  readonly accepted?: boolean;
  /**
   * What a `prekey-wanted` effect asked for, with the `body` it gave. Without it a
   * Non-Interactive-Auth message is only asked about. The caller lends all of it: of the secrets only
   * those of `pair` change hands, and only with a `prekey-used` effect.
   */
  readonly prekey?: OwnPrekeys;
}

/**
 * Begins a session while the peer is away, with an ensemble that is used for nothing else: sends a
 * Non-Interactive-Auth message, and whatever is sent next can be read when the peer is back. Unlike
 * an interactive start this leaves proof of who wrote: the user is to be told once.
 */
export interface StartOfflineInput {
  readonly tag: 'start-offline';
  readonly ensemble: ValidEnsemble;
}

export interface SendInput {
  readonly tag: 'send';
  readonly ref: MessageRef;
  /** Any text. NUL characters are replaced before encryption. */
  readonly text: string;
}

/** Text that is to leave in clear. Refused wherever it must not. */
export interface SendPlainInput {
  readonly tag: 'send-plain';
  readonly ref: MessageRef;
  readonly text: string;
}

/** Announces keys for other applications of the two; `extra-keys` then hands them over. */
export interface ExtraKeysInput {
  readonly tag: 'extra-keys';
  readonly ref: MessageRef;
  /** At most ten. */
  readonly requests: readonly {
    /** What the key is for: up to 4 bytes, filled up with zeros. */
    readonly context: Uint8Array;
    /** Whatever the application adds for its other end. */
    readonly value?: Uint8Array;
  }[];
}
