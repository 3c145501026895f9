// SPDX-License-Identifier: GPL-3.0-or-later

import { useI18n } from 'vue-i18n';

interface SpokenDevice {
  readonly key: 'conversation.device.named' | 'conversation.device.numbered';
  readonly device: string;
}

/**
 * A device as it stands in a sentence: “Laptop”, or device c45b041c; `after-noun`, where the sentence
 * itself has the word, the number alone.
 */
export function useDeviceWords(): (device: SpokenDevice, place?: 'after-noun') => string {
  const { t } = useI18n();
  return ({ key, device }, place) => {
    const alone = place === 'after-noun' && key === 'conversation.device.numbered';
    return t(alone ? 'conversation.device.number' : key, { device });
  };
}
