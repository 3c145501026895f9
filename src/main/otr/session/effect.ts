// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": what a step asks the world to do.

import type { Fingerprint, InstanceTag } from '../bytes.ts';
import type { ErrorCode } from '../codec/error-message.ts';
import type { Secret } from '../crypto/secret.ts';
import type { OfflineRole } from '../dake/non-interactive.ts';
import type { SsidHalves } from '../profile/ssid.ts';
import type { SmpRole } from '../smp/compared-secret.ts';
import type { SmpAbortedBy, SmpRefusedWhy } from '../smp/machine.ts';
import type { ExtraKeys } from '../ratchet/extra-keys.ts';
import type { MessageRef } from './input.ts';

/**
 * What the world must do next. Data only: the caller commits the new state, transmits, publishes,
 * and retires, in this order.
 */
export type SessionEffect =
  | TransmitEffect
  | TextEffect
  | LifecycleEffect
  | OfflineEffect
  | SmpEffect
  | ExtraKeysEffect
  /** Keys the new state no longer holds. To be wiped after the step is committed, never before. */
  | { readonly tag: 'retire'; readonly secrets: readonly Secret[] }
  /** Nothing happened, and why. */
  | { readonly tag: 'ignored'; readonly why: IgnoredWhy };

/** Bodies to send to the peer's full address, in this order, already armoured and fragmented. */
export interface TransmitEffect {
  readonly tag: 'transmit';
  /**
   * `control` carries no text of the user: heartbeat, Disconnected, SMP, error replies, Query
   * messages. `clear` is text that everyone on the way can read.
   */
  readonly kind: 'dake' | 'data' | 'control' | 'clear';
  readonly bodies: readonly string[];
  /** Of the `send` or `send-plain` whose text this is. */
  readonly ref?: MessageRef;
}

/** Keys for other applications, which both ends derive. Whoever gets this owns them, and wipes them. */
export interface ExtraKeysEffect extends ExtraKeys {
  readonly tag: 'extra-keys';
  /** Who announced them. */
  readonly by: 'us' | 'peer';
  /** Of the `extra-keys` that asked for them. */
  readonly ref?: MessageRef;
}

export type TextEffect =
  /** Decrypted and authenticated text of the live session. Untrusted content, never empty. */
  | { readonly tag: 'message'; readonly text: string; readonly theirTag: InstanceTag }
  /** Text that came in clear, whitespace tag removed. Anyone may have written it. */
  | {
      readonly tag: 'plaintext';
      readonly text: string;
      /** What it interrupted. */
      readonly during: 'plaintext' | 'starting' | 'encrypted' | 'finished';
      /** Whether it should not have come in clear: the user is to be warned. */
      readonly warn: boolean;
    }
  /** The text of this `send` is encrypted in a `transmit` of the same step. */
  | { readonly tag: 'sent'; readonly ref: MessageRef; readonly theirTag: InstanceTag }
  /** The text of this `send` waits inside the session for the key exchange to complete. */
  | { readonly tag: 'held'; readonly ref: MessageRef }
  /** The text of this `send` was not sent and is no longer held here. It never left in clear. */
  | { readonly tag: 'refused'; readonly ref: MessageRef; readonly why: RefusedWhy }
  /** A data message of the peer could not be read. */
  | { readonly tag: 'unreadable'; readonly why: UnreadableWhy }
  /** The peer could not read something of ours. Unauthenticated: a notice, never a fact. */
  | { readonly tag: 'peer-error'; readonly code: ErrorCode }
  /**
   * The peer offers OTR in clear, by Query message or whitespace tag, or with the first message of
   * a version 3 key exchange. Unauthenticated. Without a 4 in `versions` nothing can come of it.
   */
  | { readonly tag: 'offer'; readonly by: OfferedBy; readonly versions: string }
  /** The offer before it is of older versions only, though the peer speaks 4: perhaps changed on the way. */
  | { readonly tag: 'version-rollback'; readonly by: OfferedBy };

export type OfferedBy = 'query' | 'whitespace-tag' | 'version-3-message';

export type LifecycleEffect =
  /** The peer asks to start; nothing is answered until `receive` comes with `accepted`. */
  | {
      readonly tag: 'invitation';
      /** To be given back with `accepted`. */
      readonly body: string;
      readonly theirTag: InstanceTag;
      /** From a valid, signed profile, but anyone may replay one: proven only by `established`. */
      readonly claimedFingerprint: Fingerprint;
    }
  /** A key exchange began, and who spoke first. */
  | { readonly tag: 'starting'; readonly role: DakeRole }
  /** A key exchange ended without a session: cancelled by us or not completed in time. */
  | { readonly tag: 'start-failed'; readonly why: 'cancelled' | 'timed-out' }
  | EstablishedEffect
  | {
      readonly tag: 'ended';
      readonly by: 'peer' | 'us' | 'expired';
      /** How many MAC keys the last message of ours revealed. */
      readonly revealed: number;
    };

export type OfflineEffect =
  /**
   * A Non-Interactive-Auth message that may be genuine names a prekey of ours. The caller looks it up
   * and gives it back with the rest of this as `receive { body, accepted, prekey }`. When it knows no
   * such prekey, or used it, nothing more happens: no answer, no change.
   */
  | {
      readonly tag: 'prekey-wanted';
      readonly prekeyId: number;
      readonly body: string;
      readonly accepted: boolean;
    }
  /**
   * The session that now stands used up this prekey. It is to be forgotten, for good, in the very
   * transaction that keeps the new state and before anything is transmitted; its secrets are among
   * those to `retire`.
   */
  | { readonly tag: 'prekey-used'; readonly prekeyId: number }
  /** `start-offline` did nothing, and the ensemble is not used. */
  | { readonly tag: 'offline-refused'; readonly why: OfflineRefusedWhy };

export type OfflineRefusedWhy =
  /** The mode of the account has no offline conversations. */
  | 'not-allowed'
  | 'expired'
  /** Of another client of the peer than this session is with. */
  | 'foreign-tag'
  /** Of this very client, or with our long-term key where a peer's belongs. */
  | 'own-key';

export interface EstablishedEffect {
  readonly tag: 'established';
  readonly role: SessionRole;
  readonly ssid: SsidHalves;
  readonly theirFingerprint: Fingerprint;
  readonly theirTag: InstanceTag;
  /** Wall clock, in milliseconds. */
  readonly theirProfileExpiresAt: number;
  /** Whether a live session was replaced (a refresh). */
  readonly replaced: boolean;
  /** Whether the replaced session was with another long-term key: not a refresh but a stranger. */
  readonly keyChanged: boolean;
}

/** Initiator: sent the Identity message. Responder: sent Auth-R. */
export type DakeRole = 'initiator' | 'responder';

/** How a session began: interactively, or by one end while the other was away. */
export type SessionRole = DakeRole | OfflineRole;

export type SmpEffect =
  /** The peer asks. The question is untrusted text. */
  | { readonly tag: 'smp-asked'; readonly question: string | undefined }
  /** Our question or answer is on its way, or the peer's next step arrived and held. */
  | { readonly tag: 'smp-progress'; readonly at: 'asked' | 'answered' | 'checking' }
  | {
      readonly tag: 'smp-result';
      readonly matched: boolean;
      /** Whether we asked or answered. Answering tells us nothing about the peer. */
      readonly as: SmpRole;
      /** The key the result is about. */
      readonly theirFingerprint: Fingerprint;
    }
  | { readonly tag: 'smp-aborted'; readonly by: SmpAbortedBy }
  /** Values that an honest peer cannot send. */
  | { readonly tag: 'smp-cheated' }
  /** Asked for what cannot be done now; nothing was sent. */
  | { readonly tag: 'smp-unavailable'; readonly why: 'not-encrypted' | SmpRefusedWhy };

export type RefusedWhy =
  /** No session and no key exchange in progress: start one first. */
  | 'not-encrypted'
  /** The peer ended, or the session expired: only a new start or an end leads on. */
  | 'finished'
  /** Clear text, where mode or policy forbid it or a session or key exchange is there. */
  | 'must-be-encrypted'
  /** A key exchange is under way, after which there will be other keys. */
  | 'starting'
  | 'too-many-keys'
  | 'too-long'
  | 'too-many-held'
  /** The key exchange that it waited for did not complete. */
  | 'start-failed'
  | 'ended'
  /** The session was established with a key the policy does not list, or another than before. */
  | 'unexpected-key';

export type UnreadableWhy =
  /** There is no session. */
  | 'no-session'
  /** Of another session, altered, or too far from where the session stands. */
  | 'undecryptable';

export type IgnoredWhy =
  | 'malformed'
  | 'not-for-us'
  | 'foreign-tag'
  | 'reflected'
  | 'wrong-version'
  | 'unexpected'
  | 'invalid'
  | 'duplicate'
  | 'unreadable'
  | 'rate-limited'
  | 'not-allowed'
  | 'unknown-error'
  | 'early'
  | 'fragment'
  | 'nothing-to-do';
