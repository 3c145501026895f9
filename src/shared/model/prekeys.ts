// SPDX-License-Identifier: GPL-3.0-or-later

/** A prekey server and the fingerprint of its key, 112 upper-case hexadecimal digits. */
export interface KeyServerView {
  /** Its address, a domain. */
  readonly jid: string;
  /** The provider that named it. */
  readonly domain: string;
  readonly code: string;
}

/** A prekey server, of ours or of a contact, that announces another key than before. */
export interface ChangedKeyServerView extends KeyServerView {
  readonly newCode: string;
}

/** Why the last try to publish came to nothing. */
export type PublishingTrouble =
  /** Our provider has no prekey server that can be used. */
  | 'no-server'
  | 'unreachable'
  /** It did not take what we have. */
  | 'refused'
  /** What it said was not sound. */
  | 'invalid-answer'
  /** It has another key than the one it announces. */
  | 'wrong-key';

/**
 * Where publishing stands. `server-changed` and `stopped` wait for the user; `failing` and `no-server` for
 * the time that `nextLookAt` names.
 */
export type PublishingStage =
  /** The user leaves no keys. */
  | 'off'
  | 'offline'
  /** About to look, soon after signing in. */
  | 'waiting'
  | 'looking'
  | 'asking'
  | 'making'
  | 'publishing'
  | 'published'
  | 'no-server'
  | 'server-changed'
  | 'stopped'
  | 'failing';

/** What of ours lies on a prekey server, so that others can begin a conversation while we are away. */
export type PrekeysView =
  /** The mode of the account knows nothing of the kind. */
  | {
      readonly tag: 'not-used';
      /** What was published before may be handed out until then. */
      readonly publishedUntil: number | undefined;
    }
  | {
      readonly tag: 'used';
      readonly stage: PublishingStage;
      readonly server: KeyServerView | undefined;
      /** One-time keys the server has, as far as it says; undefined: it has said nothing yet. */
      readonly left: number | undefined;
      readonly target: number;
      readonly checkedAt: number | undefined;
      readonly publishedUntil: number | undefined;
      readonly nextLookAt: number | undefined;
      readonly trouble: { readonly why: PublishingTrouble; readonly at: number } | undefined;
      /** Servers that wait for a decision. */
      readonly changed: readonly ChangedKeyServerView[];
    };

/** Of which devices keys are asked for, by instance tag; `latest`: any of theirs will do. */
export type WantedDevices = 'latest' | readonly number[];

/** Why there are no keys to begin with while the contact is away. */
export type NoEnsembles =
  /** The server has none left for any of their devices. */
  | 'no-prekeys'
  /** What it gave is expired, of somebody else, or wrong. */
  | 'not-valid'
  /** Their provider keeps no such keys. */
  | 'no-server'
  /** The key server has another key than before: the user decides. */
  | 'server-key-changed'
  | 'unreachable'
  /** The same was asked a moment ago. */
  | 'too-soon'
  /** The account's mode knows nothing of the kind. */
  | 'not-allowed';
