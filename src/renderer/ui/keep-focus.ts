// SPDX-License-Identifier: GPL-3.0-or-later

import { onUnmounted } from 'vue';

/**
 * Gives the focus a place when the element that had it is gone with its page. It takes nothing from
 * a place that it has, and draws no ring in a window that nobody has touched yet.
 */
export function keepFocus(place: HTMLElement | undefined): void {
  if (document.activeElement !== document.body) return;
  if (navigator.userActivation.hasBeenActive) place?.focus();
}

/** For dialogs: what had opened one gets the focus back one task later, and may be gone by then. */
export function keepFocusAfterwards(): void {
  onUnmounted(() => {
    setTimeout(() => {
      keepFocus(document.querySelector<HTMLElement>('main [data-region-focus]') ?? undefined);
    });
  });
}
