// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { MessageItem, TimelineItem } from '#shared/model/timeline.ts';
import { useClient } from '../bridge/use-client.ts';

const isMessage = (item: TimelineItem): item is MessageItem => item.kind === 'message';

/** Plain messages that main found. Off-the-record text is in no index. */
export const useSearch = defineStore('search', () => {
  const client = useClient();
  const found = shallowRef<readonly MessageItem[]>([]);
  let latest = '';

  /** An answer that comes after the next question is not looked at. */
  async function look(text: string): Promise<void> {
    latest = text;
    const answer = await client.request('conversation.search', { text });
    if (latest === text) found.value = answer.ok ? answer.value.filter(isMessage) : [];
  }

  function clear(): void {
    latest = '';
    found.value = [];
  }

  return { found, look, clear };
});
