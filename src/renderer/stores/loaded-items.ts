// SPDX-License-Identifier: GPL-3.0-or-later

import { ref, shallowRef } from 'vue';
import type { AppError } from '#shared/errors/app-error.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { TimelineItem } from '#shared/model/timeline.ts';
import type { Result } from '#shared/std/result.ts';
import { prependPage, putItem, type TimelineItems, withoutItems } from './timeline-items.ts';

const PAGE = 50;
/** Above this, what is older than the newest half is let go again while the end is on screen. */
const MOST_ITEMS = 1000;

interface Page {
  readonly before: ItemId | undefined;
  readonly limit: number;
}

/** What became of a message of ours, and when it was written. */
export interface Outcome {
  readonly at: number;
  readonly what: 'failed' | 'unconfirmed' | 'arrived-after-all';
}

function outcomeOf(before: TimelineItem | undefined, now: TimelineItem): Outcome | undefined {
  if (before?.kind !== 'message' || now.kind !== 'message') return undefined;
  const { at, delivery } = now;
  if (delivery === before.delivery) return undefined;
  if (delivery === 'failed' || delivery === 'unconfirmed') return { at, what: delivery };
  const wasMissed = before.delivery === 'failed' || before.delivery === 'unconfirmed';
  return wasMissed && delivery === 'delivered' ? { at, what: 'arrived-after-all' } : undefined;
}

/** The part of one chat that is in the window: it grows upwards by pages, and at the end by itself. */
export function useLoadedItems() {
  const items = shallowRef<TimelineItems>([]);
  const hasOlder = ref(false);
  const loading = ref(false);
  /** What was taken away last, so that it can fade instead of jump. */
  const removed = shallowRef<ReadonlySet<ItemId>>(new Set());
  /** What came in last while the chat was open: told to screen readers once. */
  const arrived = shallowRef<TimelineItem>();
  /** A message of ours that turned out otherwise than it looked before: told to screen readers once. */
  const outcome = shallowRef<Outcome>();

  function reset(): void {
    items.value = [];
    hasOlder.value = false;
    loading.value = false;
    removed.value = new Set();
    arrived.value = undefined;
    outcome.value = undefined;
  }

  const known = (itemId: ItemId): TimelineItem | undefined =>
    items.value.find(({ id }) => id === itemId);

  /** News of an item that comes with its page, should the user scroll up to it. */
  const isAboveWhatIsLoaded = ({ id, at }: TimelineItem): boolean => {
    const [oldest] = items.value;
    return hasOlder.value && oldest !== undefined && at < oldest.at && known(id) === undefined;
  };

  function put(item: TimelineItem): void {
    if (isAboveWhatIsLoaded(item)) return;
    const before = known(item.id);
    if (before === undefined) arrived.value = item;
    outcome.value = outcomeOf(before, item) ?? outcome.value;
    items.value = putItem(items.value, item);
  }

  function remove(gone: readonly ItemId[]): void {
    removed.value = new Set(gone);
    items.value = withoutItems(items.value, removed.value);
    const last = arrived.value;
    if (last !== undefined && removed.value.has(last.id)) arrived.value = undefined;
  }

  /** @param load asks main; `undefined` if the chat was left meanwhile */
  async function loadOlder(
    load: (page: Page) => Promise<Result<TimelineItems, AppError> | undefined>,
  ): Promise<AppError | undefined> {
    if (loading.value || !hasOlder.value) return undefined;
    loading.value = true;
    const answer = await load({ before: items.value[0]?.id, limit: PAGE });
    if (answer === undefined) return undefined;
    loading.value = false;
    if (!answer.ok) return answer.error;
    items.value = prependPage(items.value, answer.value);
    hasOlder.value = answer.value.length === PAGE;
    return undefined;
  }

  /** Lets go of what is far above, so that a long-lived window does not grow without end. */
  function trim(): void {
    if (items.value.length <= MOST_ITEMS) return;
    items.value = items.value.slice(-MOST_ITEMS / 2);
    hasOlder.value = true;
  }

  return {
    items,
    hasOlder,
    loading,
    removed,
    arrived,
    outcome,
    reset,
    put,
    remove,
    loadOlder,
    trim,
  };
}
