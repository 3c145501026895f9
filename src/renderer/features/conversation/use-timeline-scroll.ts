// SPDX-License-Identifier: GPL-3.0-or-later

import {
  defaultRangeExtractor,
  measureElement,
  type Range,
  useVirtualizer,
  type VirtualItem,
  type Virtualizer,
} from '@tanstack/vue-virtual';
import { computed, onBeforeUpdate, onScopeDispose, type Ref, ref, shallowRef, watch } from 'vue';
import { estimateRow } from './row-estimate.ts';
import type { TimelineRow } from './timeline-row.ts';

/** This near to the end counts as being there (px). */
const NEAR_END_PX = 48;
/** This near to the top, older messages are fetched (px). */
const NEAR_TOP_PX = 600;
const OVERSCAN = 10;

interface Options {
  readonly rows: () => readonly TimelineRow[];
  readonly scroller: Readonly<Ref<HTMLElement | null>>;
  /** Stays in the page even when scrolled away, since it may have the focus. */
  readonly keptIndex: () => number;
  readonly onNearTop: () => void;
}

/** A row in sight, and how far below the upper edge of the list it stands (px). */
interface Anchor {
  readonly key: VirtualItem['key'];
  readonly belowTopPx: number;
}

/**
 * A list that holds only what is on screen and stays where the reader is: at the end it follows what
 * comes, elsewhere nothing that comes or goes moves what is being read.
 */
export function useTimelineScroll({ rows, scroller, keptIndex, onNearTop }: Options) {
  const atEnd = ref(true);
  /** The rows that the list knows. */
  const current = shallowRef(rows());
  let anchor: Anchor | 'end' | undefined;

  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>(
    computed(() => {
      const known = current.value;
      const kept = keptIndex();
      return {
        count: known.length,
        getScrollElement: () => scroller.value,
        getItemKey: (index: number) => known[index]?.key ?? index,
        estimateSize: (index: number) => estimateRow(known[index]),
        overscan: OVERSCAN,
        measureElement: sizeOf,
        rangeExtractor: (range: Range) => withKept(defaultRangeExtractor(range), kept),
      };
    }),
  );

  // Other rows come in three steps, with no frame between them. While the list knows those of before, it
  // tells what is being read; …
  watch(rows, (next) => {
    anchor = atEnd.value ? 'end' : anchorIn(virtualizer.value);
    current.value = next;
  });
  // … it draws the new ones where the reader will be; …
  onBeforeUpdate(() => {
    if (anchor !== undefined) virtualizer.value.scrollOffset = placeOf(virtualizer.value, anchor);
  });
  // … and now that there is room, it goes there.
  watch(
    current,
    () => {
      anchor = undefined;
      const element = scroller.value;
      if (element === null) return;
      if (atEnd.value) toEnd();
      else element.scrollTop = virtualizer.value.scrollOffset ?? 0;
      if (element.scrollHeight <= element.clientHeight) loadIfNearTop();
    },
    { flush: 'post' },
  );

  const virtualRows = computed(() => virtualizer.value.getVirtualItems());
  const totalPx = computed(() => virtualizer.value.getTotalSize());

  function toEnd(): void {
    atEnd.value = true;
    const element = scroller.value;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }

  function reveal(index: number): void {
    if (index >= 0) virtualizer.value.scrollToIndex(index, { align: 'auto' });
  }

  function onScroll(): void {
    const element = scroller.value;
    if (element === null) return;
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    atEnd.value = belowPx <= NEAR_END_PX;
    loadIfNearTop();
  }

  function loadIfNearTop(): void {
    const element = scroller.value;
    if (element === null || element.clientHeight === 0) return;
    if (element.scrollTop < NEAR_TOP_PX) onNearTop();
  }

  // Rows turn out taller than guessed; a card or a taller composer takes room from the end.
  const follow = (): void => {
    if (atEnd.value) toEnd();
  };
  watch(totalPx, follow, { flush: 'post' });
  const observer = new ResizeObserver(follow);
  watch(
    scroller,
    (element) => {
      observer.disconnect();
      if (element !== null) observer.observe(element);
    },
    { immediate: true, flush: 'post' },
  );
  onScopeDispose(() => {
    observer.disconnect();
  });

  function measure(element: unknown): void {
    virtualizer.value.measureElement(element instanceof HTMLElement ? element : null);
  }

  return { virtualRows, totalPx, atEnd, toEnd, reveal, onScroll, measure };
}

type List = Virtualizer<HTMLElement, HTMLElement>;

/**
 * A row that is being drawn counts as before, or as guessed: asking for its size there would lay out
 * the page once for each row. The observer measures all of them at once, before they are painted.
 */
function sizeOf(row: HTMLElement, entry: ResizeObserverEntry | undefined, list: List): number {
  if (entry !== undefined) return measureElement(row, entry, list);
  const index = list.indexFromElement(row);
  const { getItemKey, estimateSize } = list.options;
  return list.itemSizeCache.get(getItemKey(index)) ?? estimateSize(index);
}

/** The uppermost message wholly in sight. Days and lines may move when older pages come. */
function anchorIn(list: List): Anchor | undefined {
  const topPx = list.scrollElement?.scrollTop ?? 0;
  list.getTotalSize(); // Takes in what was measured a moment ago.
  const messages = list.measurementsCache.filter(({ key }) => !String(key).startsWith('day-'));
  const row = messages.find(({ start }) => start >= topPx) ?? messages.at(-1);
  return row && { key: row.key, belowTopPx: row.start - topPx };
}

/** @returns px from the start of the list to the upper edge of what will be in sight */
function placeOf(list: List, anchor: Anchor | 'end'): number | null {
  const endPx = list.getTotalSize() - (list.scrollRect?.height ?? 0);
  if (anchor === 'end') return Math.max(0, endPx);
  const row = list.measurementsCache.find(({ key }) => key === anchor.key);
  return row === undefined
    ? (list.scrollElement?.scrollTop ?? null)
    : row.start - anchor.belowTopPx;
}

function withKept(indexes: readonly number[], kept: number): number[] {
  if (kept < 0 || indexes.includes(kept)) return [...indexes];
  return [...indexes, kept].toSorted((a, b) => a - b);
}
