// SPDX-License-Identifier: GPL-3.0-or-later
import type { ConversationId } from '#shared/model/ids.ts';
import type { Direction, MessageId, MessageRow, StoredDelivery } from './rows.ts';

/** A row of `message` as SQLite gives it. */
export interface StoredMessage {
  readonly id: number;
  readonly conversation_id: number;
  readonly direction: Direction;
  readonly text: string;
  readonly at: number;
  readonly protection: 'plain';
  readonly delivery: Exclude<StoredDelivery, 'unconfirmed'>;
  readonly stanza_id: string | null;
  readonly plain_inside: 0 | 1;
  readonly archive_id: string | null;
  /** Only of one that is `failed`. */
  readonly unconfirmed: 0 | 1;
}

/** How what is known of a message stands in its row. */
export const toDeliveryColumns = (
  delivery: StoredDelivery,
): Pick<StoredMessage, 'delivery' | 'unconfirmed'> =>
  delivery === 'unconfirmed'
    ? { delivery: 'failed', unconfirmed: 1 }
    : { delivery, unconfirmed: 0 };

export function toMessage(row: StoredMessage): MessageRow {
  return {
    id: row.id as MessageId,
    conversationId: row.conversation_id as ConversationId,
    direction: row.direction,
    text: row.text,
    at: row.at,
    protection: row.protection,
    delivery: row.unconfirmed === 1 ? 'unconfirmed' : row.delivery,
    stanzaId: row.stanza_id ?? undefined,
    plainInside: row.plain_inside === 1,
  };
}
