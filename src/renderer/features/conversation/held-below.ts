// SPDX-License-Identifier: GPL-3.0-or-later

import type { TimelineItem } from '#shared/model/timeline.ts';
import { startOfDay } from './moments.ts';

/** Typed to be encrypted: it waits, or it has waited and left. */
const isTyped = (item: TimelineItem): boolean =>
  item.kind === 'message' &&
  item.direction === 'out' &&
  (item.delivery === 'held' || (item.protection !== 'plain' && !item.plainInside));

/** Index at which the texts begin that a line at this time was drawn for; the end if there are none. */
function firstTyped(items: readonly TimelineItem[], lineAt: number): number {
  let first = items.length;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item === undefined || startOfDay(item.at) !== startOfDay(lineAt)) break;
    if (isTyped(item)) first = index;
    else if (item.kind !== 'event') break;
  }
  return first;
}

/**
 * Text that was held begins the chat that it is then sent in, so it is older than its line. It never
 * was above it, and is not shown there.
 */
export function withHeldBelow(items: readonly TimelineItem[]): readonly TimelineItem[] {
  const ordered: TimelineItem[] = [];
  for (const item of items) {
    const isStart = item.kind === 'line' && item.edge === 'start';
    const index = isStart ? firstTyped(ordered, item.at) : ordered.length;
    ordered.splice(index, 0, item);
  }
  return ordered;
}
