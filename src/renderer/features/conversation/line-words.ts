// SPDX-License-Identifier: GPL-3.0-or-later

import type { EventItem, LineItem, TimelineItem } from '#shared/model/timeline.ts';
import type { LineWords } from './timeline-row.ts';

type EndCause = 'ended-by-us' | 'ended-by-peer' | 'expired';

const isEndCause = (name: string): name is EndCause =>
  name === 'ended-by-us' || name === 'ended-by-peer' || name === 'expired';

function endCauseBeside(items: readonly TimelineItem[], index: number): EventItem | undefined {
  for (const neighbour of [items[index - 1], items[index + 1]]) {
    if (neighbour?.kind === 'event' && isEndCause(neighbour.event.name)) return neighbour;
  }
  return undefined;
}

/** What the tab of the closing line says: who ended it, if the event beside it tells. */
export function toEndWords(
  items: readonly TimelineItem[],
  index: number,
  line: LineItem,
): LineWords {
  const cause = endCauseBeside(items, index)?.event.name;
  return { name: cause !== undefined && isEndCause(cause) ? cause : 'ended', at: line.at };
}

/**
 * The closing line already says it, so the event beside it would only repeat. It stays where it
 * counts removed messages and no tombstone does.
 */
export function isSaidByLine(items: readonly TimelineItem[], index: number): boolean {
  const item = items[index];
  if (item?.kind !== 'event' || !isEndCause(item.event.name)) return false;
  const neighbours = [items[index - 1], items[index + 1]];
  if (!neighbours.some((other) => other?.kind === 'line' && other.edge === 'end')) return false;
  if (item.event.name !== 'ended-by-us' || item.event.removed === 0) return true;
  return [...neighbours, items[index - 2], items[index + 2]].some(
    (other) => other?.kind === 'tombstone',
  );
}
