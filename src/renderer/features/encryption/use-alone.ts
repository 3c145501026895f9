// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, type Ref, ref } from 'vue';

/** Where the panel fills the window, as the frame has it: it is then the page, not beside one. */
const ALONE = '(max-width: 56.24rem)';

export function useAlone(): Readonly<Ref<boolean>> {
  const media = matchMedia(ALONE);
  const alone = ref(media.matches);
  const follow = (): void => {
    alone.value = media.matches;
  };
  media.addEventListener('change', follow);
  onScopeDispose(() => {
    media.removeEventListener('change', follow);
  });
  return alone;
}
