// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { TimelineItem } from '#shared/model/timeline.ts';
import type { MessageId } from '#main/store/rows.ts';
import type { World } from './ports.ts';
import { rowOf, toStoredItem } from './stored-item.ts';
import type { MemoryTimeline } from './timeline.ts';

export interface PageOf {
  readonly id: ConversationId;
  readonly before?: ItemId | undefined;
  readonly limit: number;
}

const READ_AT_ONCE = 200;

/** One page of both timelines, stored and in memory, as one; oldest first. */
export function historyPage(
  world: World,
  timeline: MemoryTimeline,
  { id, before, limit }: PageOf,
): readonly TimelineItem[] {
  const edge = edgeOf(world, timeline, before);
  if (edge === 'unknown') return [];
  const memory = timeline
    .all()
    .map(({ item }) => item)
    .filter((item) => edge === undefined || isBefore(item, edge));
  const stored = storedBefore(world, id, edge, limit);
  return [...stored, ...memory].toSorted(inOrder).slice(-limit);
}

/** Where an item stands: by time, then stored before memory, then by number. */
type Place = Pick<TimelineItem, 'id' | 'at'>;

const numberOf = ({ id }: Place): number => Number(id.slice(1));
const rankOf = ({ id }: Place): number => (id.startsWith('p') ? 0 : 1);

const inOrder = (a: Place, b: Place): number =>
  a.at - b.at || rankOf(a) - rankOf(b) || numberOf(a) - numberOf(b);

const isBefore = (item: Place, edge: Place): boolean => inOrder(item, edge) < 0;

function edgeOf(
  world: World,
  timeline: MemoryTimeline,
  before: ItemId | undefined,
): Place | 'unknown' | undefined {
  if (before === undefined) return undefined;
  const row = rowOf(before);
  const stored = row === undefined ? undefined : world.store.messages.get(row);
  if (stored !== undefined) return { id: before, at: stored.at };
  return timeline.get(before)?.item ?? 'unknown';
}

/** The newest stored messages that are older than the edge. */
function storedBefore(
  world: World,
  conversation: ConversationId,
  edge: Place | undefined,
  limit: number,
): readonly TimelineItem[] {
  const found: TimelineItem[] = [];
  let before: MessageId | undefined = edge === undefined ? undefined : rowOf(edge.id);
  while (found.length < limit) {
    const page = world.store.messages.page({ conversation, before, limit: READ_AT_ONCE });
    found.push(
      ...page.map(toStoredItem).filter((item) => edge === undefined || isBefore(item, edge)),
    );
    before = page.at(-1)?.id;
    if (page.length < READ_AT_ONCE) break;
  }
  return found.slice(0, limit);
}
