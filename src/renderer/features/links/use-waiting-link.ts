// SPDX-License-Identifier: GPL-3.0-or-later

import { watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useApp } from '../../stores/app.ts';
import { useLinks } from '../../stores/links.ts';
import { useNotices } from '../../stores/notices.ts';

/** Before the chats are open a link can only wait; the user, who has just clicked, is told so. */
export function useWaitingLink(): void {
  const { t } = useI18n();
  const app = useApp();
  const links = useLinks();
  const notices = useNotices();

  function wordOf(): string | undefined {
    const link = links.view?.link;
    if (link === undefined || app.phase.tag === 'ready') return undefined;
    if (app.phase.tag === 'locked') return t('links.prose--waiting-locked');
    if (app.phase.tag !== 'no-account') return undefined;
    if (link.tag === 'refused') return t(`links.refused.${link.why}`);
    const isInvitation =
      link.tag === 'register' || (link.action.tag === 'add' && link.action.token !== undefined);
    // The page itself says it.
    return isInvitation ? undefined : t('links.prose--waiting-account');
  }

  watch(
    () => [links.view?.id, app.phase.tag] as const,
    () => {
      const text = wordOf();
      if (text !== undefined) notices.show({ text });
    },
    { immediate: true },
  );
}
