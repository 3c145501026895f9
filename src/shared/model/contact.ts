// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationState } from './conversation.ts';
import type { ConversationId } from './ids.ts';
import type { BareJid } from './jid.ts';

export type Presence = 'online' | 'away' | 'busy' | 'offline' | 'unknown';

export type Subscription = 'none' | 'to' | 'from' | 'both';

/** What a chat row may show. Off-the-record text never gets here. */
export type Preview =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly direction: 'in' | 'out'; readonly text: string }
  | { readonly kind: 'off-the-record' };

/** One row of the chat list. */
export interface ContactView {
  readonly id: ConversationId;
  readonly jid: BareJid;
  /** The name the user gave, or the local part of the address. */
  readonly name: string;
  readonly subscription: Subscription;
  /** We asked to see the contact's presence and have no answer yet. */
  readonly asked: boolean;
  readonly presence: Presence;
  readonly state: ConversationState;
  readonly preview: Preview;
  readonly unread: number;
  /** When the last message came or went. */
  readonly lastAt: number | undefined;
}

/** Somebody who is not a contact asks to become one. */
export interface ContactRequestView {
  readonly jid: BareJid;
  readonly at: number;
}
