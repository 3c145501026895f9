// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ConversationView } from '#shared/model/conversation.ts';
import { useConversation } from '../../stores/conversation.ts';
import { toSpokenName } from '../../stores/names.ts';
import { formatDayInside, formatMoment, formatTime } from './moments.ts';

interface StateWords {
  readonly text: string;
  readonly qualifier: string | undefined;
  /** Both, as one name. */
  readonly whole: string;
}

interface Words {
  /** The contact's name as it may stand in a sentence. */
  readonly name: ComputedRef<string>;
  readonly state: ComputedRef<StateWords>;
  readonly time: (at: number) => string;
  /** "today", "yesterday", "Monday 12 May", inside of a sentence. */
  readonly date: (at: number) => string;
  /** The time, with the day where that is not today. */
  readonly moment: (at: number) => string;
}

/** The words that most parts of a chat need. */
export function useWords(): Words {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const conversation = useConversation();
  const name = computed(() => toSpokenName(conversation.view?.name ?? ''));

  function wordsOf(state: ConversationView['state']): StateWords {
    const { devices = 0, verified = 0 } = conversation.view?.audience ?? {};
    const text = t(`conversation.state.${state}`, { name: name.value });
    const key = `conversation.qualifier.${state}`;
    const qualifier = i18n.te(key) ? t(key, { name: name.value, devices, verified }) : undefined;
    return { text, qualifier, whole: qualifier === undefined ? text : `${text} · ${qualifier}` };
  }

  return {
    name,
    state: computed(() => wordsOf(conversation.view?.state ?? 'plain')),
    time: (at) => formatTime(at, locale.value),
    date: (at) => formatDayInside(at, Date.now(), locale.value),
    moment: (at) => formatMoment(at, Date.now(), locale.value),
  };
}
