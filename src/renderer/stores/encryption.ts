// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { ref } from 'vue';

/** The sheets about encryption. One at a time, and only the user opens one (ux I-9). */
export type EncryptionSheet = 'start' | 'end' | 'write-unencrypted' | 'details';

/** What of the encryption panel and its sheets is open. */
export const useEncryption = defineStore('encryption', () => {
  const panelOpen = ref(false);
  const sheet = ref<EncryptionSheet>();

  function togglePanel(): void {
    panelOpen.value = !panelOpen.value;
  }

  function openPanel(): void {
    panelOpen.value = true;
  }

  function closePanel(): void {
    panelOpen.value = false;
  }

  function openSheet(next: EncryptionSheet): void {
    sheet.value = next;
  }

  function closeSheet(): void {
    sheet.value = undefined;
  }

  return { panelOpen, sheet, togglePanel, openPanel, closePanel, openSheet, closeSheet };
});
