// SPDX-License-Identifier: GPL-3.0-or-later

import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/vue-virtual';
import { computed, nextTick, onScopeDispose, type Ref, ref, watch } from 'vue';
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
  /** Stays in the page even when scrolled away, since it has the focus. */
  readonly keptIndex: () => number;
  readonly onNearTop: () => void;
}

/**
 * A list that holds only what is on screen and stays where the reader is: at the end it follows what
 * comes, elsewhere nothing that comes or goes moves what is being read.
 */
export function useTimelineScroll({ rows, scroller, keptIndex, onNearTop }: Options) {
  const atEnd = ref(true);

  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>(
    computed(() => {
      const current = rows();
      return {
        count: current.length,
        getScrollElement: () => scroller.value,
        getItemKey: (index: number) => current[index]?.key ?? index,
        estimateSize: (index: number) => estimateRow(current[index]),
        overscan: OVERSCAN,
        anchorTo: 'end' as const,
        followOnAppend: true,
        scrollEndThreshold: NEAR_END_PX,
        rangeExtractor: (range: Range) => withKept(defaultRangeExtractor(range), keptIndex()),
      };
    }),
  );

  const virtualRows = computed(() => virtualizer.value.getVirtualItems());
  const totalPx = computed(() => virtualizer.value.getTotalSize());

  function toEnd(): void {
    const last = rows().length - 1;
    if (last >= 0) virtualizer.value.scrollToIndex(last, { align: 'end' });
    atEnd.value = true;
  }

  function reveal(index: number): void {
    if (index >= 0) virtualizer.value.scrollToIndex(index, { align: 'auto' });
  }

  function onScroll(): void {
    const element = scroller.value;
    if (element === null) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    atEnd.value = below <= NEAR_END_PX;
    loadIfNearTop();
  }

  function loadIfNearTop(): void {
    const element = scroller.value;
    if (element === null || element.clientHeight === 0) return;
    if (element.scrollTop < NEAR_TOP_PX) onNearTop();
  }

  // The first page: its end is what is read. More pages follow only until the window is full.
  watch(
    () => rows().length,
    async (count, before) => {
      await nextTick();
      const element = scroller.value;
      if (before === 0 && count > 0) toEnd();
      if (element !== null && element.scrollHeight <= element.clientHeight) loadIfNearTop();
    },
  );

  // A card above the composer, or a taller composer, takes room from the end, not from the reader.
  const observer = new ResizeObserver(() => {
    if (atEnd.value) toEnd();
  });
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

function withKept(indexes: readonly number[], kept: number): number[] {
  if (kept < 0 || indexes.includes(kept)) return [...indexes];
  return [...indexes, kept].toSorted((a, b) => a - b);
}
