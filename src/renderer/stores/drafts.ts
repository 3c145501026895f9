// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { reactive } from 'vue';
import type { ConversationId } from '#shared/model/ids.ts';

/**
 * What was typed and not sent, by chat. In memory only: a draft may be meant off the record, so it
 * is never written anywhere (ux I-10).
 */
export const useDrafts = defineStore('drafts', () => {
  const texts = reactive(new Map<ConversationId, string>());

  const of = (id: ConversationId): string => texts.get(id) ?? '';

  function put(id: ConversationId, text: string): void {
    if (text === '') texts.delete(id);
    else texts.set(id, text);
  }

  /** Puts a text back before what has been typed since. */
  function restore(id: ConversationId, text: string): void {
    const typed = of(id);
    put(id, typed.trim() === '' ? text : `${text}\n${typed}`);
  }

  /** Takes a sent text out; what was typed behind it meanwhile stays. */
  function settle(id: ConversationId, sent: string): void {
    const typed = of(id);
    if (typed.startsWith(sent)) put(id, typed.slice(sent.length).trimStart());
  }

  function forget(id: ConversationId): void {
    texts.delete(id);
  }

  return { of, put, restore, settle, forget };
});
