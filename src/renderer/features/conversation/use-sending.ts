// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef, type Ref, ref, shallowRef, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ConversationId } from '#shared/model/ids.ts';
import { useErrorText } from '../../i18n/use-error-text.ts';
import { useConversation } from '../../stores/conversation.ts';
import { useDrafts } from '../../stores/drafts.ts';
import type { Failure } from '../../stores/failure-of.ts';

interface Sending {
  readonly pending: Ref<boolean>;
  /** Why the last text is still in the composer. */
  readonly explanation: ComputedRef<string | undefined>;
  readonly send: (text: string, stateToken: string) => Promise<void>;
  readonly explain: (failure: Failure) => void;
  readonly tell: (words: string) => void;
}

/** The text stays in the composer until main has taken it; whatever goes wrong, nothing is lost. */
export function useSending(): Sending {
  const { t } = useI18n();
  const errorText = useErrorText();
  const conversation = useConversation();
  const drafts = useDrafts();
  const pending = ref(false);
  const failure = shallowRef<Failure>();
  const notice = ref<string>();

  const explanation = computed(() => {
    if (failure.value === undefined) return notice.value;
    if (failure.value.code === 'state-changed') return t('conversation.prose--state-changed');
    return t('conversation.prose--not-sent', { reason: errorText(failure.value) ?? '' });
  });

  async function send(text: string, stateToken: string): Promise<void> {
    const { id } = conversation;
    if (id === undefined || pending.value) return;
    pending.value = true;
    failure.value = undefined;
    const answer = await conversation.send(text.trim(), stateToken);
    pending.value = false;
    if (answer === undefined) drafts.settle(id, text);
    else if (id === conversation.id) failure.value = answer;
  }

  // An explanation belongs to the text that it is about.
  watch(
    (): readonly [ConversationId | undefined, string] => [
      conversation.id,
      conversation.id === undefined ? '' : drafts.of(conversation.id),
    ],
    () => {
      failure.value = undefined;
      notice.value = undefined;
    },
  );

  function explain(next: Failure): void {
    failure.value = next;
  }

  /** Something that cannot be done here, in words. */
  function tell(words: string): void {
    notice.value = words;
  }

  return { pending, explanation, send, explain, tell };
}
