// SPDX-License-Identifier: GPL-3.0-or-later

import type { KeepRule } from '#shared/model/rules.ts';
import { type Entry, entryOf } from './timeline.ts';
import type { Turn } from './turn.ts';

const HOUR_MS = 3_600_000;
/** How long a message stays after it was read; undefined: as long as the chat. */
const KEEP_MS: Readonly<Record<KeepRule, number | undefined>> = {
  'until-end': undefined,
  'until-quit': undefined,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

const vanishesAt = (readAt: number | undefined, keep: KeepRule): number | undefined => {
  const keepMs = KEEP_MS[keep];
  return readAt === undefined || keepMs === undefined ? undefined : readAt + keepMs;
};

/** What has been read, or sent, starts to age. */
export function markRead(turn: Turn, keep: KeepRule): void {
  for (const entry of turn.entries()) {
    const { item, readAt } = entry;
    if (item.kind !== 'message' || readAt !== undefined || item.delivery === 'held') continue;
    turn.put({
      ...entry,
      readAt: turn.now,
      item: { ...item, vanishesAt: vanishesAt(turn.now, keep) },
    });
  }
}

/** A changed rule holds for what is already here, too. */
export function applyKeep(turn: Turn, keep: KeepRule): void {
  for (const { item, readAt } of turn.entries()) {
    if (item.kind !== 'message') continue;
    const at = vanishesAt(readAt, keep);
    if (at !== item.vanishesAt) turn.edit(item.id, { vanishesAt: at });
  }
}

/** When the next message is to vanish. */
export function nextVanishAt(entries: readonly Entry[]): number | undefined {
  const instants = entries.flatMap(({ item }) =>
    item.kind === 'message' && item.vanishesAt !== undefined ? [item.vanishesAt] : [],
  );
  return instants.length === 0 ? undefined : Math.min(...instants);
}

export function vanish(turn: Turn): void {
  const due = turn.entries().filter(({ item }) => {
    return item.kind === 'message' && item.vanishesAt !== undefined && item.vanishesAt <= turn.now;
  });
  for (const { item } of due) turn.remove(item.id);
  if (due.length > 0) countRemoved(turn, due.length);
}

/** One tombstone for all that went while the chat goes on. */
function countRemoved(turn: Turn, count: number): void {
  const last = turn.entries().findLast(({ item }) => item.kind === 'tombstone');
  if (last?.item.kind === 'tombstone') {
    const { item } = last;
    turn.put({ ...last, item: { ...item, count: item.count + count, at: turn.now } });
    return;
  }
  putTombstone(turn, count);
}

export function putTombstone(turn: Turn, count: number): void {
  const id = turn.newItemId();
  const { id: conversationId } = turn.chat;
  turn.put(entryOf({ kind: 'tombstone', id, conversationId, at: turn.now, count }));
}
