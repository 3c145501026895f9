// SPDX-License-Identifier: GPL-3.0-or-later

import { useI18n } from 'vue-i18n';
import { regionalOf } from './regional-of.ts';

/** Instants, ms since the epoch, as the user's language and region write them. */
export function useDates(): {
  readonly day: (at: number) => string;
  readonly moment: (at: number) => string;
} {
  const { locale } = useI18n();
  const format = (how: Intl.DateTimeFormatOptions, at: number): string =>
    new Intl.DateTimeFormat(regionalOf(locale.value), how).format(at);
  return {
    day: (at) => format({ dateStyle: 'long' }, at),
    moment: (at) => format({ dateStyle: 'medium', timeStyle: 'short' }, at),
  };
}
