// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef, shallowRef, watch } from 'vue';
import type { ConversationId } from '#shared/model/ids.ts';
import { useConversation } from './conversation.ts';

interface GivenCode {
  readonly id: ConversationId;
  readonly text: string;
  /** Nothing has been opened for it yet. */
  readonly isFresh: boolean;
}

export interface GivenCodes {
  /** The code that came with the link to the chat on screen. */
  readonly givenHere: ComputedRef<string | undefined>;
  /** There is no device yet that it could be held beside. */
  readonly givenWaits: ComputedRef<boolean>;
  readonly give: (id: ConversationId, text: string) => void;
  readonly forget: () => void;
}

/**
 * Where the user opens a link with a code, and its chat, the comparison opens with the code filled in.
 * Where there is no device yet the code waits until the user verifies one: later nothing opens by
 * itself (ux I-9).
 */
export function useGivenCode(compare: (instanceTag: string | undefined) => void): GivenCodes {
  const conversation = useConversation();
  const given = shallowRef<GivenCode>();
  const givenHere = computed(() =>
    given.value?.id === conversation.id ? given.value?.text : undefined,
  );
  const givenWaits = computed(
    () => givenHere.value !== undefined && conversation.view?.devices.length === 0,
  );

  watch([given, () => conversation.view], ([code, view]) => {
    if (code?.isFresh !== true || view?.id !== code.id) return;
    given.value = { ...code, isFresh: false };
    compare(view.devices.find((device) => device.code.hex === code.text)?.name.instanceTag);
  });

  return {
    givenHere,
    givenWaits,
    give: (id, text) => {
      given.value = { id, text, isFresh: true };
    },
    forget: () => {
      given.value = undefined;
    },
  };
}
