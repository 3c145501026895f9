// SPDX-License-Identifier: GPL-3.0-or-later

import { regionalOf } from '../../i18n/regional-of.ts';

export const isSameDay = (a: number, b: number): boolean =>
  new Date(a).toDateString() === new Date(b).toDateString();

/** "today", "12 May", or with the year when it is another one. */
export function formatDate(at: number, now: number, locale: string): string {
  if (isSameDay(at, now)) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(0, 'day');
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(regionalOf(locale), {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** 14:02 today, else the date. */
export function formatWhen(at: number, now: number, locale: string): string {
  return isSameDay(at, now)
    ? new Intl.DateTimeFormat(regionalOf(locale), { hour: '2-digit', minute: '2-digit' }).format(at)
    : formatDate(at, now, locale);
}
