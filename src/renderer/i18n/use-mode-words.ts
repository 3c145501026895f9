// SPDX-License-Identifier: GPL-3.0-or-later

import { useI18n } from 'vue-i18n';
import { AccountMode } from '#shared/model/account.ts';

export interface ModeWords {
  readonly value: AccountMode;
  readonly label: string;
  readonly text: string;
}

/** The modes an account can talk in, each with what it means; asked anew, in the present language. */
export function useModeWords(): () => readonly ModeWords[] {
  const { t } = useI18n();
  return () =>
    AccountMode.options.map((value) => ({
      value,
      label: t(`settings.label--mode-${value}`),
      text: t(`settings.prose--mode-${value}`),
    }));
}
