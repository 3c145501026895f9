// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnIdentity } from '#otr';
import type { Env } from '#otr/env.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import type { AccountMode } from '#shared/model/account.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { SecurityCode } from '#shared/model/security-code.ts';
import type { Settings } from '#shared/model/settings.ts';
import type { XmppClient } from '#main/xmpp/client.ts';
import type { AccountId } from '#main/store/rows.ts';
import type { Store } from '#main/store/store.ts';

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
    'accounts' | 'contacts' | 'messages' | 'trust' | 'devices' | 'choices' | 'transaction'
  >;
  /** Undefined while our keys are still being made. */
  readonly ownKeys: () => OwnKeys | undefined;
  readonly settings: () => Settings;
  readonly publish: Publish<AppContract>;
  readonly announce: (announcement: Announcement) => void;
  /** It was read. */
  readonly withdrawAnnouncement: (id: ConversationId) => void;
  readonly note: Note;
  /** Lets other conversations, and the window, have a turn. */
  readonly defer: (call: () => void) => void;
}
