// SPDX-License-Identifier: GPL-3.0-or-later

import { useI18n } from 'vue-i18n';
import type { AppError } from '#shared/errors/app-error.ts';

/** The sentence of an error, for `error` props and alerts. */
export function useErrorText(): (error: AppError | undefined) => string | undefined {
  const { t } = useI18n();
  return (error) =>
    error === undefined ? undefined : t(`error.${error.code}`, error.params ?? {});
}
