// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnIdentity, OwnPrekeys, ValidEnsemble } from '#otr';
import type { Env } from '#otr/env.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import type { AccountMode } from '#shared/model/account.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { NoEnsembles, WantedDevices } from '#shared/model/prekeys.ts';
import type { SecurityCode } from '#shared/model/security-code.ts';
import type { Settings } from '#shared/model/settings.ts';
import type { XmppClient } from '#main/xmpp/client.ts';
import type { AccountId } from '#main/store/rows.ts';
import type { Store } from '#main/store/store.ts';
import type { Tx } from '#main/store/unit-of-work.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never go back: for durations. */
  readonly monotonicNow: () => number;
  /** Calls back once after the delay; the returned function gives the call up. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** Cryptographically secure bytes. */
export type Random = (length: number) => Uint8Array;

/** The part of the line to the server that conversations use. */
export type Wire = Pick<
  XmppClient,
  | 'sendChat'
  | 'sendOtr'
  | 'sendReceipt'
  | 'sendChatState'
  | 'fetchDevices'
  | 'fetchArchive'
  | 'state'
>;

/** Something new to read. Never says what; of an off-the-record message not even from whom. */
export interface Announcement {
  readonly kind: 'plain' | 'off-the-record';
  readonly id: ConversationId;
  readonly name: string;
}

/** What the room wants written to the log: names of our own, nothing from the wire. */
export type Note = (event: 'turn-failed', cause: unknown) => void;

export interface OwnKeys {
  readonly identity: OwnIdentity;
  readonly code: SecurityCode;
}

export type FetchedEnsembles =
  /** At most one for each device, the newest that is valid; none of our own. */
  | { readonly tag: 'found'; readonly ensembles: readonly ValidEnsemble[] }
  | { readonly tag: 'none'; readonly why: NoEnsembles };

/** The keys for conversations with somebody who is away: theirs to begin with, ours to be reached by. */
export interface OfflineKeys {
  /** Costs the contact a key for each device. Never rejects. */
  readonly fetch: (of: BareJid, wanted: WantedDevices) => Promise<FetchedEnsembles>;
  /** They were not used after all: kept for the next time. */
  readonly giveBack: (of: BareJid, ensembles: readonly ValidEnsemble[]) => void;
  /**
   * What of ours a message refers to. The pair is the caller's to wipe, the rest is lent. Undefined:
   * unknown, or used.
   */
  readonly find: (prekeyId: number) => OwnPrekeys | undefined;
  /** Deletes the prekey for good, in the caller's transaction. */
  readonly forget: (tx: Tx, prekeyId: number) => void;
  /** After the commit: one fewer is out there. */
  readonly used: () => void;
}

/** Everything conversations need from the rest of the house. One for each account. */
export interface World {
  readonly account: AccountId;
  readonly ourJid: BareJid;
  readonly mode: () => AccountMode;
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Env;
  readonly wire: Wire;
  readonly store: Pick<
    Store,
    | 'accounts'
    | 'contacts'
    | 'messages'
    | 'trust'
    | 'devices'
    | 'choices'
    | 'sealedSessions'
    | 'transaction'
  >;
  /** Undefined while our keys are still being made. */
  readonly ownKeys: () => OwnKeys | undefined;
  /** Undefined where there are none: in a mode without such conversations, and before our keys are made. */
  readonly offlineKeys: () => OfflineKeys | undefined;
  readonly settings: () => Settings;
  readonly publish: Publish<AppContract>;
  readonly announce: (announcement: Announcement) => void;
  /** It was read. */
  readonly withdrawAnnouncement: (id: ConversationId) => void;
  readonly note: Note;
  /** Lets other conversations, and the window, have a turn. */
  readonly defer: (call: () => void) => void;
}
