// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, type Ref, ref, watch } from 'vue';

const SECOND_MS = 1000;

/** The time, each second, as long as somebody needs it. */
export function useSeconds(needed: () => boolean): Readonly<Ref<number>> {
  const now = ref(Date.now());
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  watch(
    needed,
    (isNeeded) => {
      stop();
      now.value = Date.now();
      if (!isNeeded) return;
      timer = setInterval(() => {
        now.value = Date.now();
      }, SECOND_MS);
    },
    { immediate: true },
  );
  onScopeDispose(stop);
  return now;
}
