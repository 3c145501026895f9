// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactView, Preview } from '#shared/model/contact.ts';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { MessageRow } from '#main/store/rows.ts';
import type { Chat } from './chat.ts';
import type { World } from './ports.ts';
import { isAccepted } from './rules.ts';
import type { Entry } from './timeline.ts';

/** As long as a row of the list can be. */
const MAX_PREVIEW = 200;

/** The row of the chat list; undefined for whoever is not in it. */
export function toContactView(
  world: World,
  chat: Chat,
  view: ConversationView,
  entries: readonly Entry[],
): ContactView | undefined {
  const contact = world.store.contacts.get(chat.id);
  if (!isAccepted(contact)) return undefined;
  const { unread, last } = world.store.messages.summary(chat.id);
  const newest = entries.findLast(({ item }) => item.kind === 'message')?.item;
  return {
    id: chat.id,
    jid: chat.peer,
    name: view.name,
    subscription: contact.subscription,
    asked: contact.asked,
    presence: view.presence,
    state: view.state,
    preview: previewOf(last, newest?.at),
    unread: unread + chat.unread,
    lastAt: latest(last?.at, newest?.at),
  };
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.max(one, other);
}

/** Of off-the-record messages only that there are some (decision 14b). */
function previewOf(last: MessageRow | undefined, hiddenAt: number | undefined): Preview {
  if (hiddenAt !== undefined && hiddenAt >= (last?.at ?? 0)) return { kind: 'off-the-record' };
  if (last === undefined) return { kind: 'none' };
  return { kind: 'text', direction: last.direction, text: last.text.slice(0, MAX_PREVIEW) };
}
