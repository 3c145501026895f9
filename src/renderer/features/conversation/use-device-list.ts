// SPDX-License-Identifier: GPL-3.0-or-later

import { useI18n } from 'vue-i18n';
import type { DeviceName } from '#shared/model/conversation.ts';
import { useDeviceWords } from '../../i18n/use-device-words.ts';
import { toSpokenDevice } from '../../stores/names.ts';

/** Devices in a sentence: “Laptop” and “Phone”. */
export function useDeviceList(): (devices: readonly DeviceName[]) => string {
  const { locale } = useI18n();
  const deviceWords = useDeviceWords();
  return (devices) =>
    new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(
      devices.map((device) => deviceWords(toSpokenDevice(device))),
    );
}
