// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, readonly, type Ref, ref } from 'vue';

/** The present time, looked at anew every so often as long as the component lives. */
export function useNow(everyMs = 1000): Readonly<Ref<number>> {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, everyMs);
  onScopeDispose(() => {
    clearInterval(timer);
  });
  return readonly(now);
}
