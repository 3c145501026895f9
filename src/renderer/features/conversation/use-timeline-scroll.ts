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
  /** Stays in the page even when scrolled away, since it may have the focus. */
  readonly keptIndex: () => number;
  readonly onNearTop: () => void;
}

/** A row in sight, and how far below the upper edge of the list it stands (px). */
interface Anchor {
  readonly key: string;
  readonly belowTopPx: number;
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
      const kept = keptIndex();
      return {
        count: current.length,
        getScrollElement: () => scroller.value,
        getItemKey: (index: number) => current[index]?.key ?? index,
        estimateSize: (index: number) => estimateRow(current[index]),
        overscan: OVERSCAN,
        rangeExtractor: (range: Range) => withKept(defaultRangeExtractor(range), kept),
      };
    }),
  );
  /** While older rows come above, their sizes are already part of where the reader is put back to. */
  function letMeasuringMoveTheReader(may: boolean): void {
    virtualizer.value.shouldAdjustScrollPositionOnItemSizeChange = may ? undefined : () => false;
  }
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

  function restore({ key, belowTopPx }: Anchor): void {
    const index = rows().findIndex((row) => row.key === key);
    const element = scroller.value;
    // Asking for the whole size first takes in what was measured a moment ago.
    virtualizer.value.getTotalSize();
    const startPx = virtualizer.value.measurementsCache[index]?.start;
    if (element === null || startPx === undefined) return;
    element.scrollTop = startPx - belowTopPx;
    virtualizer.value.scrollOffset = element.scrollTop;
  }

  // Before the page changes it still shows where the reader is; afterwards it is put back there.
  watch(
    rows,
    async () => {
      const anchor = atEnd.value ? undefined : anchorIn(scroller.value);
      letMeasuringMoveTheReader(anchor === undefined);
      await nextTick();
      letMeasuringMoveTheReader(true);
      // Meanwhile the user may have sent something, which leads to the end.
      if (anchor === undefined || atEnd.value) toEnd();
      else restore(anchor);
      const element = scroller.value;
      if (element !== null && element.scrollHeight <= element.clientHeight) loadIfNearTop();
    },
    { flush: 'pre' },
  );

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

/** The uppermost message wholly in sight. Days and lines may move when older pages come. */
function anchorIn(scroller: HTMLElement | null): Anchor | undefined {
  if (scroller === null) return undefined;
  const topPx = scroller.getBoundingClientRect().top;
  let best: Anchor | undefined;
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-key]')) {
    const belowTopPx = row.getBoundingClientRect().top - topPx;
    const { key } = row.dataset;
    if (key === undefined || key.startsWith('day-') || belowTopPx < 0) continue;
    if (best === undefined || belowTopPx < best.belowTopPx) best = { key, belowTopPx };
  }
  return best;
}

function withKept(indexes: readonly number[], kept: number): number[] {
  if (kept < 0 || indexes.includes(kept)) return [...indexes];
  return [...indexes, kept].toSorted((a, b) => a - b);
}
