// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactView, Presence } from '#shared/model/contact.ts';
import type { ConversationState } from '#shared/model/conversation.ts';
import type { PresenceShape } from '../../ui/presence.ts';

const presenceShapes: Readonly<Record<Presence, PresenceShape>> = {
  online: 'here',
  away: 'away',
  busy: 'away',
  offline: 'none',
  unknown: 'none',
};

export const presenceShapeOf = (presence: Presence): PresenceShape => presenceShapes[presence];

/** Plain chats and chats that are only starting carry no shape. */
const shapeless: ReadonlySet<ConversationState> = new Set([
  'plain',
  'plain-available',
  'not-started',
  'starting',
]);

export const hasShape = (state: ConversationState): boolean => !shapeless.has(state);

/** The words of the state alone would not tell it from others. */
const qualified: ReadonlySet<ConversationState> = new Set([
  'verified',
  'unverified',
  'offline-verified',
  'offline-unverified',
  'waiting',
]);

export const isQualified = (state: ConversationState): boolean => qualified.has(state);

/** What the second line of a row says. */
export type SecondLine =
  | { readonly tag: 'state' }
  | { readonly tag: 'off-the-record' }
  | { readonly tag: 'text'; readonly mine: boolean; readonly text: string }
  | { readonly tag: 'asked' }
  | { readonly tag: 'none' };

export function secondLineOf(contact: ContactView): SecondLine {
  const { preview, state } = contact;
  // What stops the chat is more urgent than what was said last.
  if (state === 'key-changed' || state === 'cannot-encrypt') return { tag: 'state' };
  if (preview.kind === 'off-the-record') return { tag: 'off-the-record' };
  if (preview.kind === 'text') {
    return { tag: 'text', mine: preview.direction === 'out', text: preview.text };
  }
  return { tag: contact.asked ? 'asked' : 'none' };
}
