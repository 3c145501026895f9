// SPDX-License-Identifier: GPL-3.0-or-later

import { type Locale, toLocale } from '#shared/i18n/locale.ts';
import type { Language } from '#shared/model/settings.ts';
import { createLanguageFile } from './language-file.ts';

/** Which language everything is said in, window and menus alike. */
export interface Speech {
  readonly locale: () => Locale;
  /** What the settings say. Told on only when that changes what is spoken. */
  readonly choose: (language: Language) => void;
}

/**
 * @param system BCP 47 tags, the dearest first
 * @param path where the choice is kept once more
 */
export function createSpeech(
  system: readonly string[],
  path: string,
  changed: (locale: Locale) => void,
): Speech {
  const localeOf = (language: Language): Locale =>
    language === 'system' ? toLocale(system) : language;
  const file = createLanguageFile(path);
  let chosen = file.load();
  return {
    locale: () => localeOf(chosen),
    choose: (language) => {
      if (language === chosen) return;
      const before = localeOf(chosen);
      chosen = language;
      file.save(language);
      if (localeOf(language) !== before) changed(localeOf(language));
    },
  };
}
