// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, watch } from 'vue';
import { useConversation } from '../../stores/conversation.ts';

/** Tells main what was read: only what is at the end of the chat, in a window that has the focus. */
export function useReading(atEnd: () => boolean): void {
  const conversation = useConversation();

  function tell(): void {
    if (conversation.view === undefined || !atEnd()) return;
    if (document.visibilityState === 'visible' && document.hasFocus()) {
      void conversation.act('mark-read');
    }
  }

  watch(
    () => [conversation.view?.id, conversation.arrived, atEnd()] as const,
    ([id, item, isAtEnd], [idBefore, itemBefore, wasAtEnd]) => {
      const cameIn = item !== itemBefore && item?.kind === 'message' && item.direction === 'in';
      if (id !== idBefore || cameIn || (isAtEnd && !wasAtEnd)) tell();
    },
    { flush: 'post' },
  );
  window.addEventListener('focus', tell);
  onScopeDispose(() => {
    window.removeEventListener('focus', tell);
  });
}
