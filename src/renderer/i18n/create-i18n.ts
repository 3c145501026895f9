// SPDX-License-Identifier: GPL-3.0-or-later

import { createI18n } from 'vue-i18n';
import { type Locale, messages } from '#shared/i18n/locale.ts';

/**
 * Messages are compiled to trees and walked, never to functions: the content security policy has no
 * `unsafe-eval`.
 */
export function createTranslation(locale: Locale = 'en') {
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages,
    missingWarn: false,
    fallbackWarn: false,
  });
}
