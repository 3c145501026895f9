// SPDX-License-Identifier: GPL-3.0-or-later

const HOUR_MS = 3_600_000;
const HOURS_TOLD = 48;

/** A span of time in words, roughly: hours while they are few, then days. */
export function formatSpan(spanMs: number, locale: string): string {
  const hours = Math.round(spanMs / HOUR_MS);
  const [amount, unit] = hours < HOURS_TOLD ? [hours, 'hour'] : [Math.round(hours / 24), 'day'];
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(amount);
}
