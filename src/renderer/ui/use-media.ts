// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, readonly, type Ref, ref } from 'vue';

/** Whether a media query holds. For roles only; what is shown where is the style sheet's business. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const media = matchMedia(query);
  const matches = ref(media.matches);
  const look = (): void => {
    matches.value = media.matches;
  };
  media.addEventListener('change', look);
  onScopeDispose(() => {
    media.removeEventListener('change', look);
  });
  return readonly(matches);
}
