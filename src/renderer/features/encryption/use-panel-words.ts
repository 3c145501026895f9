// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ConversationState, DeviceName } from '#shared/model/conversation.ts';
import { useDeviceWords } from '../../i18n/use-device-words.ts';
import { useConversation } from '../../stores/conversation.ts';
import { toDeviceLabel, toSpokenDevice, toSpokenName } from '../../stores/names.ts';
import { formatDate, formatWhen, isSameDay } from './moments.ts';

interface PanelWords {
  readonly name: ComputedRef<string>;
  readonly state: (state: ConversationState) => string;
  readonly date: (at: number) => string;
  /** `on 12 May`, or `today`. */
  readonly onDate: (at: number) => string;
  readonly when: (at: number) => string;
  /** As it stands in a sentence. */
  readonly device: (device: DeviceName) => string;
  /** Several of them in a sentence. */
  readonly devices: (devices: readonly DeviceName[]) => string;
  /** Its label on its own, for `<bdi>`. */
  readonly label: (device: DeviceName) => string;
}

/** The words that most parts of the panel need. */
export function usePanelWords(): PanelWords {
  const i18n = useI18n();
  const { t, locale } = i18n;
  const conversation = useConversation();
  const deviceWords = useDeviceWords();
  const name = computed(() => toSpokenName(conversation.view?.name ?? ''));

  function stateWords(state: ConversationState): string {
    const text = t(`conversation.state.${state}`, { name: name.value });
    const key = `conversation.qualifier.${state}`;
    const { devices = 0, verified = 0 } = conversation.view?.audience ?? {};
    const places = { name: name.value, devices, verified };
    return i18n.te(key) ? `${text} · ${t(key, places)}` : text;
  }

  const device = (one: DeviceName): string => deviceWords(toSpokenDevice(one));

  return {
    name,
    state: stateWords,
    date: (at) => formatDate(at, Date.now(), locale.value),
    onDate: (at) => {
      const date = formatDate(at, Date.now(), locale.value);
      return isSameDay(at, Date.now()) ? date : t('encryption.prose--on', { date });
    },
    when: (at) => formatWhen(at, Date.now(), locale.value),
    device,
    devices: (several) =>
      new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(several.map(device)),
    label: toDeviceLabel,
  };
}
