// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, watch } from 'vue';
import type { ConversationId } from '#shared/model/ids.ts';
import { useConversation } from '../../stores/conversation.ts';
import { useDrafts } from '../../stores/drafts.ts';

/** Without a new letter for so long the user has stopped typing. */
const PAUSE_MS = 5000;

/**
 * Says to main when typing begins and when it has stopped; main decides whether anybody may hear of it.
 * A draft that was there before, or that sending empties, is not typed.
 */
export function useTyping(): { readonly onInput: () => void } {
  const conversation = useConversation();
  const drafts = useDrafts();
  let typing: ConversationId | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    clearTimeout(pause);
    if (typing !== undefined) void conversation.sayTyping(typing, false);
    typing = undefined;
  }

  function onInput(): void {
    const { id } = conversation;
    if (id === undefined || drafts.of(id).trim() === '') {
      stop();
      return;
    }
    if (typing !== id) {
      stop();
      typing = id;
      void conversation.sayTyping(id, true);
    }
    clearTimeout(pause);
    pause = setTimeout(stop, PAUSE_MS);
  }

  watch(() => conversation.id, stop);
  onScopeDispose(stop);
  return { onInput };
}
