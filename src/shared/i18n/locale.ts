// SPDX-License-Identifier: GPL-3.0-or-later

import { de } from './de.ts';
import { en, type Messages } from './en.ts';

/** BCP 47 tags of what Sotto speaks. */
export const locales = ['en', 'de'] as const;
export type Locale = (typeof locales)[number];

export const messages: Readonly<Record<Locale, Messages>> = { en, de };

const isLocale = (language: string): language is Locale =>
  locales.some((known) => known === language);

/** The first wish that Sotto speaks, in whatever region; English where there is none. */
export function toLocale(wishes: readonly string[]): Locale {
  const languages = wishes.map((tag) => tag.split(/[-_]/)[0]?.toLowerCase() ?? '');
  return languages.find(isLocale) ?? 'en';
}
