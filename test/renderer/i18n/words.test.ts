// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { createTranslation } from '../../../src/renderer/i18n/create-i18n.ts';
import { appErrorCodes } from '../../../src/shared/errors/app-error.ts';
import { en } from '../../../src/shared/i18n/en.ts';

const { t } = createTranslation().global;

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
    const sentence = t(`error.${code}`);
    expect(sentence).not.toBe(`error.${code}`);
    expect(sentence).toMatch(/^[A-Z“].*[.?]$/);
  });

  it('compiles every message without evaluating code', () => {
    for (const key of keysOf(en)) expect(t(key, params, 2), key).not.toBe(key);
  });

  it('ux:23 has both plural forms wherever something is counted', () => {
    expect(t('contacts.label--unread', { count: 1 }, 1)).toBe('1 unread message');
    expect(t('contacts.label--unread', { count: 5 }, 5)).toBe('5 unread messages');
    expect(t('connection.prose--waiting', { count: 1 }, 1)).toContain('1 second.');
    expect(t('connection.prose--waiting', { count: 2 }, 2)).toContain('2 seconds.');
  });

  it('ux:2.5.2 promises nothing it cannot keep', () => {
    const words = keysOf(en).map((key) => t(key, params, 2));
    for (const sentence of words) {
      expect(sentence).not.toMatch(/\b(anonymous|untrusted|buddy|handshake|authenticate)\b/i);
      expect(sentence).not.toMatch(/cannot be proven|100 ?%|no one is listening/i);
    }
  });
});
