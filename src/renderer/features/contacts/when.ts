// SPDX-License-Identifier: GPL-3.0-or-later

import { regionalOf } from '../../i18n/regional-of.ts';

const DAY_MS = 86_400_000;

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** In the manner of the system: time today, weekday within the last week, date before that, year when it is another one. */
export function formatWhen(at: number, now: number, locale: string): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  return new Intl.DateTimeFormat(regionalOf(locale), optionsOf(at, now, days)).format(at);
}

function optionsOf(at: number, now: number, days: number): Intl.DateTimeFormatOptions {
  if (days <= 0) return { hour: '2-digit', minute: '2-digit' };
  if (days < 7) return { weekday: 'short' };
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? { day: 'numeric', month: 'short' }
    : { day: 'numeric', month: 'numeric', year: '2-digit' };
}
