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

/** The part of one chat that is in the window: it grows upwards by pages, and at the end by itself. */
export function useLoadedItems() {
  const items = shallowRef<TimelineItems>([]);
  const hasOlder = ref(false);
  const loading = ref(false);
  /** What was taken away last, so that it can fade instead of jump. */
  const removed = shallowRef<ReadonlySet<ItemId>>(new Set());
  /** What came in last while the chat was open: told to screen readers once. */
  const arrived = shallowRef<TimelineItem>();

  function reset(): void {
    items.value = [];
    hasOlder.value = false;
    loading.value = false;
    removed.value = new Set();
    arrived.value = undefined;
  }

  const isKnown = (itemId: ItemId): boolean => items.value.some(({ id }) => id === itemId);

  /** News of an item that comes with its page, should the user scroll up to it. */
  const isAboveWhatIsLoaded = ({ id, at }: TimelineItem): boolean => {
    const [oldest] = items.value;
    return hasOlder.value && oldest !== undefined && at < oldest.at && !isKnown(id);
  };

  function put(item: TimelineItem): void {
    if (isAboveWhatIsLoaded(item)) return;
    if (!isKnown(item.id)) arrived.value = item;
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

  return { items, hasOlder, loading, removed, arrived, reset, put, remove, loadOlder, trim };
}
