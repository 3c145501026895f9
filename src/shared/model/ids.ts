// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';

/** Local row id of a conversation (one per account and contact). */
export const ConversationId = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
  v.brand('ConversationId'),
);
export type ConversationId = v.InferOutput<typeof ConversationId>;

/**
 * Names one item of a timeline. Stored plain messages are `p<row id>`; off-the-record items live in
 * memory only and are `m<counter>`, so the two can never be mistaken for each other.
 */
export const ItemId = v.pipe(v.string(), v.regex(/^[mp][0-9]{1,15}$/), v.brand('ItemId'));
export type ItemId = v.InferOutput<typeof ItemId>;
