// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { useConversation } from './conversation.ts';
import { useDrafts } from './drafts.ts';
import type { Failure } from './failure-of.ts';
import { useSettings } from './settings.ts';

/** The sheets about encryption. One at a time, and only the user opens one (ux I-9). */
export type EncryptionSheet = 'start' | 'end' | 'write-unencrypted' | 'use-new-key' | 'details';

/** What of the encryption panel and its sheets is open, and the steps that need a sheet first. */
export const useEncryption = defineStore('encryption', () => {
  const conversation = useConversation();
  const drafts = useDrafts();
  const settings = useSettings();
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

  watch(() => conversation.id, closeSheet);

  /** Starts off the record; as long as the user wants it, the sheet that explains it comes first. */
  async function start(): Promise<Failure> {
    if (settings.view?.startSheetSeen !== true) {
      openSheet('start');
      return undefined;
    }
    return conversation.act('start');
  }

  /** From the sheet. @param seen the sheet need not come again */
  async function startFromSheet(seen: boolean): Promise<Failure> {
    closeSheet();
    if (seen) await settings.save({ startSheetSeen: true });
    return conversation.act('start');
  }

  /** What was written for this chat off the record goes with its messages. */
  async function end(): Promise<Failure> {
    closeSheet();
    const { id } = conversation;
    const failure = await conversation.act('end');
    if (failure === undefined && id !== undefined) drafts.forget(id);
    return failure;
  }

  /** Held texts go back into the draft first: nothing leaves by this step (ux I-3). */
  async function writeUnencrypted(): Promise<Failure> {
    closeSheet();
    const { id } = conversation;
    if (id === undefined) return { code: 'conversation-unknown' };
    const held = conversation.items.filter(
      (item) => item.kind === 'message' && item.delivery === 'held',
    );
    for (const item of held.toReversed()) {
      const text = await conversation.discardHeld(item.id);
      if (!text.ok) return text.error;
      drafts.restore(id, text.value);
    }
    return conversation.act('write-unencrypted');
  }

  return {
    panelOpen,
    sheet,
    togglePanel,
    openPanel,
    closePanel,
    openSheet,
    closeSheet,
    start,
    startFromSheet,
    end,
    writeUnencrypted,
  };
});
