// SPDX-License-Identifier: GPL-3.0-or-later

import type { ItemId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import type { MessageId, MessageRow } from '#main/store/rows.ts';

export const toStoredItemId = (row: MessageId): ItemId => `p${String(row)}` as ItemId;

/** The row an item id names; undefined for items of memory. */
export const rowOf = (item: ItemId): MessageId | undefined =>
  item.startsWith('p') ? (Number(item.slice(1)) as MessageId) : undefined;

/** A message of the plain history as the window sees it. */
export function toStoredItem(row: MessageRow): MessageItem {
  return {
    kind: 'message',
    id: toStoredItemId(row.id),
    conversationId: row.conversationId,
    at: row.at,
    direction: row.direction,
    text: row.text,
    protection: 'plain',
    delivery: row.delivery,
    devices: [],
    plainInside: row.plainInside,
    ended: false,
    vanishesAt: undefined,
  };
}
