// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface Notice {
  readonly text: string;
  /** One way back, such as "Undo". */
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** The one line about what was just done. A new one takes the place of the old. */
export const useNotices = defineStore('notices', () => {
  const current = shallowRef<Notice>();

  function show(notice: Notice): void {
    current.value = notice;
  }

  function close(): void {
    current.value = undefined;
  }

  return { current, show, close };
});
