// SPDX-License-Identifier: GPL-3.0-or-later

import type { SessionState } from '#otr';
import type { Fingerprint, InstanceTag } from '#otr/bytes.ts';
import type { StartFailure } from '#shared/model/conversation.ts';
import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { BareJid, FullJid } from '#shared/model/jid.ts';
import type { NoEnsembles } from '#shared/model/prekeys.ts';
import type { Show } from '#main/xmpp/wire.ts';
import { NO_VERIFICATION, type VerificationState } from './verification-state.ts';

/** One device of the contact, as the network names it. */
export interface Device {
  readonly full: FullJid;
  readonly session: SessionState | undefined;
  readonly online: boolean;
  readonly show: Show | undefined;
  readonly priority: number;
  /** When something genuine last came from it; 0: never. */
  readonly lastActiveAt: number;
  /** When its presence went; only after it had been there. */
  readonly offlineAt: number | undefined;
  /** The timeline says that it went. */
  readonly offlineTold: boolean;
  /** Its network session is a new one, so the off-the-record one may be gone on either side. */
  readonly stale: boolean;
  /** S9: what one side sends, the other cannot read. */
  readonly interrupted: boolean;
  /** We gave the right answer to its question: its user has verified us. */
  readonly verifiedUs: boolean;
  /** Asked to join the running chat; not again while it stays. */
  readonly invited: boolean;
  /** Of the last refresh that nobody asked for, on the monotonic clock. */
  readonly refreshedAt: number | undefined;
}

/** A start that has not led to a session yet. */
export interface Attempt {
  readonly full: FullJid;
  readonly by: 'us' | 'peer';
  readonly since: number;
  /** An answer came that was not valid. Anybody may have sent it, so it ends nothing. */
  readonly refusedOne?: boolean;
  /** It was not answered, and was sent again. */
  readonly repeated?: boolean;
}

export interface Invitation {
  readonly full: FullJid;
  readonly at: number;
  /** Given back to the engine when the user accepts. */
  readonly body: string;
  readonly tag: InstanceTag;
  /** Claimed, not proven. */
  readonly fingerprint: Fingerprint;
}

/** An invitation the user accepted: it holds until there is a chat, or for as long as one stands. */
export interface Agreement {
  readonly full: FullJid;
  readonly fingerprint: Fingerprint;
  readonly at: number;
}

/** S10: a device shows another key than before, or the user found the codes different. */
export interface ChangedKey {
  readonly full: FullJid;
  readonly tag: InstanceTag;
  readonly fingerprint: Fingerprint;
  /** `only-new`: all that was verified is gone, and this one was never seen. */
  readonly why: 'other-key' | 'only-new';
}

/** How far we are with beginning while the contact is away. Instants on the monotonic clock. */
export type Away =
  /** The user wants to. */
  | { readonly tag: 'wanted' }
  | { readonly tag: 'asking' }
  /** There was nothing to begin with. */
  | { readonly tag: 'none'; readonly why: NoEnsembles; readonly at: number };

/** Who is typing, on either side (XEP-0085). Only in clear: it says when, and nobody vouches for it. */
export interface Typing {
  /** The contact's device that types, and until when it counts, on the monotonic clock. */
  readonly peer: { readonly full: FullJid; readonly until: number } | undefined;
  /** The device that understands such things, since it says them itself. */
  readonly hears: FullJid | undefined;
  /** It has been told that we type. */
  readonly told: boolean;
}

export const NOBODY_TYPES: Typing = { peer: undefined, hears: undefined, told: false };

/** Everything a conversation is, apart from its messages. Replaced as a whole, by `commit` only. */
export interface Chat {
  readonly id: ConversationId;
  readonly peer: BareJid;
  readonly devices: ReadonlyMap<FullJid, Device>;
  /** The device last active. */
  readonly active: FullJid | undefined;
  readonly attempt: Attempt | undefined;
  readonly failure: StartFailure | undefined;
  readonly invitation: Invitation | undefined;
  readonly agreement: Agreement | undefined;
  readonly ended: { readonly by: 'peer' | 'expired'; readonly at: number } | undefined;
  readonly unlocked: boolean;
  readonly changedKey: ChangedKey | undefined;
  readonly verification: VerificationState;
  /** The contact offered off the record, by query or tag. Unauthenticated. */
  readonly offered: boolean;
  readonly typing: Typing;
  /** Keys to write to the contact with while they are away. */
  readonly away: Away | undefined;
  /** Since when we can know who is there, on the monotonic clock. */
  readonly presenceSince: number;
  /** The line under which the running off-the-record chat stands. */
  readonly line: ItemId | undefined;
  readonly epoch: number;
  /** Off-the-record messages that have not been read. */
  readonly unread: number;
  /** Until when a notice of each kind is not repeated, on the monotonic clock. */
  readonly quiet: ReadonlyMap<string, number>;
}

/** What is set when a device is known to be there. */
export const HERE: Pick<Device, 'online' | 'offlineAt'> = { online: true, offlineAt: undefined };

export function emptyDevice(full: FullJid): Device {
  return {
    full,
    session: undefined,
    online: false,
    show: undefined,
    priority: 0,
    lastActiveAt: 0,
    offlineAt: undefined,
    offlineTold: false,
    stale: false,
    interrupted: false,
    verifiedUs: false,
    invited: false,
    refreshedAt: undefined,
  };
}

export function emptyChat(id: ConversationId, peer: BareJid): Chat {
  return {
    id,
    peer,
    devices: new Map(),
    active: undefined,
    attempt: undefined,
    failure: undefined,
    invitation: undefined,
    agreement: undefined,
    ended: undefined,
    unlocked: false,
    changedKey: undefined,
    verification: NO_VERIFICATION,
    offered: false,
    typing: NOBODY_TYPES,
    away: undefined,
    presenceSince: -Infinity,
    line: undefined,
    epoch: 0,
    unread: 0,
    quiet: new Map(),
  };
}

export const isOnline = (chat: Chat): boolean =>
  [...chat.devices.values()].some(({ online }) => online);
