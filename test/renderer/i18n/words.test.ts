// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { createTranslation } from '../../../src/renderer/i18n/create-i18n.ts';
import { appErrorCodes } from '../../../src/shared/errors/app-error.ts';
import { en } from '../../../src/shared/i18n/en.ts';
import { locales } from '../../../src/shared/i18n/locale.ts';

const { t } = createTranslation().global;
const german = createTranslation('de').global.t;

interface Leaves {
  readonly [key: string]: string | Leaves;
}

const keysOf = (messages: Leaves, above = ''): readonly string[] =>
  Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${above}${key}`] : keysOf(value, `${above}${key}.`),
  );

/** Whatever a sentence may ask for. */
const params = { count: 2, name: 'Bob', text: 'x', jid: 'bob@example.org' };

describe('words', () => {
  it.each(appErrorCodes)('has a sentence for %s', (code) => {
    for (const say of [t, german]) {
      const sentence = say(`error.${code}`);
      expect(sentence).not.toBe(`error.${code}`);
      expect(sentence).toMatch(/^[A-ZÄÖÜ“„].*[.?]$/);
    }
  });

  it.each(locales)('compiles every message of %s without evaluating code', (locale) => {
    const say = createTranslation(locale).global.t;
    for (const key of keysOf(en)) expect(say(key, params, 2), key).not.toBe(key);
  });

  it('ux:23 has both plural forms wherever something is counted', () => {
    expect(t('contacts.label--unread', { count: 1 }, 1)).toBe('1 unread message');
    expect(t('contacts.label--unread', { count: 5 }, 5)).toBe('5 unread messages');
    expect(t('connection.prose--waiting', { count: 1 }, 1)).toContain('1 second.');
    expect(t('connection.prose--waiting', { count: 2 }, 2)).toContain('2 seconds.');
  });

  it('ux:23 has them in German too', () => {
    expect(german('contacts.label--unread', { count: 1 }, 1)).toBe('1 ungelesene Nachricht');
    expect(german('contacts.label--unread', { count: 0 }, 0)).toBe('0 ungelesene Nachrichten');
    expect(german('connection.prose--waiting', { count: 1 }, 1)).toContain('1 Sekunde.');
    expect(german('conversation.event.unreadable', { count: 3, name: 'Bob' }, 3)).toBe(
      '3 Nachrichten von Bob konnten nicht gelesen werden.',
    );
  });

  it('ux:2.5.2 promises nothing it cannot keep', () => {
    const words = keysOf(en).map((key) => t(key, params, 2));
    for (const sentence of words) {
      expect(sentence).not.toMatch(/\b(anonymous|untrusted|buddy|handshake|authenticate)\b/i);
      expect(sentence).not.toMatch(/cannot be proven|100 ?%|no one is listening/i);
    }
  });

  it('ux:2.5.2 promises nothing in German either', () => {
    for (const key of keysOf(en)) {
      const sentence = german(key, params, 2);
      expect(sentence).not.toMatch(/\b(anonym|vertrauenswürdig|authentifizier|privat|Handschlag)/i);
      expect(sentence).not.toMatch(/abhörsicher|hört niemand|100 ?%|nicht nachweisbar/i);
    }
  });
});
