// SPDX-License-Identifier: GPL-3.0-or-later

import type { VerificationMethod } from './conversation.ts';
import type { ConversationId, ItemId } from './ids.ts';

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
  /** Did not arrive; can be sent again, encrypted. */
  | 'failed';

export interface MessageItem {
  readonly kind: 'message';
  readonly id: ItemId;
  readonly conversationId: ConversationId;
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly text: string;
  readonly protection: Protection;
  /** Incoming messages are `delivered`. */
  readonly delivery: Delivery;
  /** Came in clear while an off-the-record chat was open: drawn with the hatched edge. */
  readonly plainInside: boolean;
  /** Belongs to an off-the-record chat that is over: dimmed and read-only. */
  readonly ended: boolean;
  /** When it will vanish, if a timer runs. */
  readonly vanishesAt: number | undefined;
}

/** A line Sotto itself writes into the chat. Local, never sent. */
export type TimelineEvent =
  | { readonly name: 'started'; readonly verified: boolean; readonly device: string }
  | { readonly name: 'refreshed'; readonly verified: boolean }
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
  | { readonly name: 'verification-removed'; readonly device: string }
  | { readonly name: 'key-changed'; readonly device: string }
  | { readonly name: 'unreadable'; readonly count: number }
  | { readonly name: 'damaged' }
  | { readonly name: 'peer-could-not-read' }
  | { readonly name: 'reflected' }
  | { readonly name: 'contact-offline' }
  | { readonly name: 'contact-back' }
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
