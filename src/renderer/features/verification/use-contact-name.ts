// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef } from 'vue';
import { useConversation } from '../../stores/conversation.ts';
import { toSpokenName } from '../../stores/names.ts';

/** The contact's name as it may stand in a sentence. */
export function useContactName(): ComputedRef<string> {
  const conversation = useConversation();
  return computed(() => toSpokenName(conversation.view?.name ?? ''));
}
