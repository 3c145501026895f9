// SPDX-License-Identifier: GPL-3.0-or-later

import type { ItemId } from '#shared/model/ids.ts';
import type { TimelineItem } from '#shared/model/timeline.ts';

/** Items of one chat, oldest first. Never changed in place, so that a comparison by identity tells. */
export type TimelineItems = readonly TimelineItem[];

/** Puts an older page before what is already there; what both hold is taken from the page once. */
export function prependPage(items: TimelineItems, page: TimelineItems): TimelineItems {
  const known = new Set(items.map(({ id }) => id));
  const older = page.filter(({ id }) => !known.has(id));
  return older.length === 0 ? items : [...older, ...items];
}

/**
 * Takes over the new view of one item: in its place if its time is the same, else where its time
 * puts it. Items of one instant keep the order in which they came.
 */
export function putItem(items: TimelineItems, item: TimelineItem): TimelineItems {
  const index = items.findLastIndex(({ id }) => id === item.id);
  const current = items[index];
  if (current?.at === item.at) return items.with(index, item);
  const others = current === undefined ? items : items.toSpliced(index, 1);
  const before = others.findLastIndex(({ at }) => at <= item.at);
  return others.toSpliced(before + 1, 0, item);
}

export function withoutItems(items: TimelineItems, removed: ReadonlySet<ItemId>): TimelineItems {
  const left = items.filter(({ id }) => !removed.has(id));
  return left.length === items.length ? items : left;
}
