// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef, nextTick, ref } from 'vue';
import type { TimelineRow } from './timeline-row.ts';

interface RovingFocus {
  /** The one row that Tab reaches. */
  readonly activeKey: ComputedRef<string | undefined>;
  readonly activeIndex: ComputedRef<number>;
  readonly focusKey: (key: string) => Promise<void>;
  readonly onKeydown: (event: KeyboardEvent) => void;
  readonly onFocusin: (event: FocusEvent) => void;
}

interface Options {
  readonly rows: () => readonly TimelineRow[];
  /** Brings the row into the page, for a list that holds only what is on screen. */
  readonly reveal: (index: number) => void;
  readonly find: (key: string) => HTMLElement | undefined;
  readonly leave: () => void;
}

/** Up, Down, Home and End walk through the messages; Esc goes back to writing. */
export function useRovingFocus({ rows, reveal, find, leave }: Options): RovingFocus {
  const chosen = ref<string>();
  const activeKey = computed(() => {
    const known = rows().some(({ key }) => key === chosen.value);
    return known ? chosen.value : rows().at(-1)?.key;
  });
  const activeIndex = computed(() => rows().findIndex(({ key }) => key === activeKey.value));

  async function focusKey(key: string): Promise<void> {
    chosen.value = key;
    reveal(rows().findIndex((row) => row.key === key));
    await nextTick();
    find(key)?.focus({ preventScroll: true });
  }

  function target(key: string): number | undefined {
    const last = rows().length - 1;
    switch (key) {
      case 'ArrowUp':
        return Math.max(0, activeIndex.value - 1);
      case 'ArrowDown':
        return Math.min(last, activeIndex.value + 1);
      case 'Home':
        return 0;
      case 'End':
        return last;
      default:
        return undefined;
    }
  }

  function onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      leave();
      return;
    }
    const index = target(event.key);
    const row = index === undefined ? undefined : rows()[index];
    if (row === undefined) return;
    event.preventDefault();
    void focusKey(row.key);
  }

  function onFocusin({ target: element }: FocusEvent): void {
    if (!(element instanceof HTMLElement)) return;
    const key = element.closest<HTMLElement>('[data-key]')?.dataset.key;
    if (key !== undefined) chosen.value = key;
  }

  return { activeKey, activeIndex, focusKey, onKeydown, onFocusin };
}
