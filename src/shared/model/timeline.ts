// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName, NoKeys, VerificationMethod } from './conversation.ts';
import type { ConversationId, ItemId } from './ids.ts';
import type { SendTo } from './rules.ts';

/** How a message travelled. */
export type Protection = 'plain' | 'unverified' | 'verified';

export type Delivery =
  /** Typed while it could not be encrypted; nothing has left. */
  | 'held'
  | 'sending'
  /** The server has it. */
  | 'sent'
  /** The contact's device acknowledged it. */
  | 'delivered'
  /** The connection broke before the server confirmed it: nobody knows whether it arrived. */
  | 'unconfirmed'
  /** Did not arrive; can be sent again, encrypted. */
  | 'failed';

/** One of the contact's devices that a message is for, or came from. */
export interface MessageDevice {
  readonly name: DeviceName;
  /** `held`: it waits until this device is back. */
  readonly delivery: Delivery;
}

export interface MessageItem {
  readonly kind: 'message';
  readonly id: ItemId;
  readonly conversationId: ConversationId;
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly text: string;
  readonly protection: Protection;
  /** Incoming messages are `delivered`. Of several devices the one it came farthest with. */
  readonly delivery: Delivery;
  /** Off the record: the devices it was encrypted for, or the one it came from. */
  readonly devices: readonly MessageDevice[];
  /** Came in clear while an off-the-record chat was open: drawn with the hatched edge. */
  readonly plainInside: boolean;
  /** Belongs to an off-the-record chat that is over: dimmed and read-only. */
  readonly ended: boolean;
  /** When it was written, where a server has kept it since; `at` is when it came. */
  readonly writtenAt?: number | undefined;
  /** When it will vanish, if a timer runs. */
  readonly vanishesAt: number | undefined;
}

/** A line Sotto itself writes into the chat. Local, never sent. */
export type TimelineEvent =
  | { readonly name: 'started'; readonly verified: boolean; readonly device: string }
  | { readonly name: 'refreshed'; readonly verified: boolean }
  /** We began while they are away; what is written is kept for them, encrypted. */
  | { readonly name: 'started-away'; readonly verified: boolean; readonly device: string }
  /** The contact announces devices, and the one whose keys were used is not among them. */
  | { readonly name: 'not-announced'; readonly device: string }
  /** They began while we were away. */
  | { readonly name: 'began-away'; readonly verified: boolean; readonly device: string }
  /** Both are here: new keys have taken the place of those that began while one was away. */
  | { readonly name: 'continued-live'; readonly verified: boolean }
  /** Nothing could begin while they are away. */
  | { readonly name: 'no-keys'; readonly why: NoKeys }
  /** Once ever: what beginning while the other side is away means. */
  | { readonly name: 'away-note' }
  /** Another device, beside one or more that are in the chat already. */
  | { readonly name: 'joined'; readonly verified: boolean; readonly device: string }
  /** One of several devices ended; the chat goes on with the others. */
  | { readonly name: 'left'; readonly device: string }
  | { readonly name: 'ended-by-us'; readonly removed: number }
  | { readonly name: 'ended-by-peer' }
  | { readonly name: 'expired' }
  | { readonly name: 'interrupted' }
  | { readonly name: 'declined-by-peer' }
  | { readonly name: 'declined-by-us' }
  | { readonly name: 'no-answer' }
  | { readonly name: 'start-failed' }
  | { readonly name: 'invitation-withdrawn' }
  | { readonly name: 'verified'; readonly device: string; readonly method: VerificationMethod }
  | { readonly name: 'verified-us' }
  | { readonly name: 'verification-mismatch' }
  /** More questions than anybody needs to verify somebody; they are not shown. */
  | { readonly name: 'asks-too-often' }
  | { readonly name: 'questions-muted' }
  | { readonly name: 'verification-removed'; readonly device: string }
  | { readonly name: 'key-changed'; readonly device: string }
  /** All that was verified is gone; only this one, which was never seen, is left. */
  | { readonly name: 'only-new'; readonly device: string }
  /** The user chose who gets messages; `device` where it is one. */
  | { readonly name: 'send-to'; readonly rule: SendTo; readonly device: string | undefined }
  | { readonly name: 'device-allowed'; readonly device: string }
  | { readonly name: 'device-disallowed'; readonly device: string }
  | { readonly name: 'device-blocked'; readonly device: string }
  | { readonly name: 'device-unblocked'; readonly device: string }
  | { readonly name: 'device-forgotten'; readonly device: string }
  | { readonly name: 'unreadable'; readonly count: number }
  | { readonly name: 'damaged' }
  | { readonly name: 'peer-could-not-read' }
  | { readonly name: 'reflected' }
  /** One of several devices that get messages; the chat goes on with the others. */
  | { readonly name: 'device-away'; readonly device: string }
  | { readonly name: 'device-back'; readonly device: string }
  | { readonly name: 'contact-offline' }
  | { readonly name: 'contact-back' }
  /** The contact's app asks for OTR 3, which is not spoken here. */
  | { readonly name: 'older-version' }
  /** Text in clear that this account does not read. */
  | { readonly name: 'plain-refused' };

export interface EventItem {
  readonly kind: 'event';
  readonly id: ItemId;
  readonly conversationId: ConversationId;
  readonly at: number;
  readonly event: TimelineEvent;
}

/** What is left where off-the-record messages stood. */
export interface TombstoneItem {
  readonly kind: 'tombstone';
  readonly id: ItemId;
  readonly conversationId: ConversationId;
  readonly at: number;
  readonly count: number;
}

/** The line under which the chat is off the record, and the one above which it is plain again. */
export interface LineItem {
  readonly kind: 'line';
  readonly id: ItemId;
  readonly conversationId: ConversationId;
  readonly at: number;
  readonly edge: 'start' | 'end';
}

export type TimelineItem = MessageItem | EventItem | TombstoneItem | LineItem;
