// SPDX-License-Identifier: GPL-3.0-or-later

/** The system's way of writing dates, as far as its language is the one that Sotto speaks. */
export function regionalOf(locale: string): string {
  if (locale.includes('-')) return locale;
  const system = new Intl.DateTimeFormat().resolvedOptions().locale;
  return system.split('-')[0] === locale.split('-')[0] ? system : locale;
}
