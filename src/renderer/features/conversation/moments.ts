// SPDX-License-Identifier: GPL-3.0-or-later

import { regionalOf } from '../../i18n/regional-of.ts';

const DAY_MS = 86_400_000;

/** Local midnight before it, ms since the epoch. */
export const startOfDay = (at: number): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
};

/** 14:02, in the manner of the region. */
export function formatTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(regionalOf(locale), { hour: '2-digit', minute: '2-digit' }).format(
    at,
  );
}

/** "Today", "Yesterday", "Monday 12 May", or with the year when it is another one. */
export function formatDay(at: number, now: number, locale: string): string {
  const day = formatDayInside(at, now, locale);
  return day.charAt(0).toLocaleUpperCase(locale) + day.slice(1);
}

/** The same inside of a sentence: "today". */
export function formatDayInside(at: number, now: number, locale: string): string {
  // Rounded, since a day may have 23 or 25 hours.
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (daysAgo === 0 || daysAgo === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-daysAgo, 'day');
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(regionalOf(locale), {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** 14:02; where that was not today, the day before it. */
export function formatMoment(at: number, now: number, locale: string): string {
  const time = formatTime(at, locale);
  return startOfDay(at) === startOfDay(now) ? time : `${formatDayInside(at, now, locale)}, ${time}`;
}

/** 0:08. Read aloud it is a duration, so it is never announced by itself. */
export function formatSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
