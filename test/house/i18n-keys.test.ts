// SPDX-License-Identifier: GPL-3.0-or-later

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/shared/i18n/en.ts';
import { locales, messages } from '../../src/shared/i18n/locale.ts';

const source = resolve(import.meta.dirname, '../../src');

interface Leaves {
  readonly [key: string]: string | Leaves;
}

const keysOf = (messages: Leaves, above = ''): readonly string[] =>
  Object.entries(messages).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${above}${key}`] : keysOf(value, `${above}${key}.`),
  );

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|vue)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8') }));

const topics = Object.keys(en).join('|');
/** A whole key in quotes, wherever it stands: `t('…')`, or a table of keys. */
const literal = new RegExp(`['"]((?:${topics})\\.[a-z][a-z0-9.-]*)['"]`, 'g');
/** A key of which a part is only known later. */
const template = new RegExp(`\`((?:${topics})\\.[^\`]*\\$\\{[^\`]*)\``, 'g');
/** Main has no translator: it takes words as properties. */
const property = /\bwords(?:\(\))?\.([a-z]+)\['([a-z0-9-]+)'\]/g;
/** What is asked for must be a whole key. */
const asked = /\bt\(\s*['"]([^'"]+)['"]/g;

const all = keysOf(en);
const known = new Set(all);

const matchesOf = (pattern: RegExp): readonly { readonly file: string; readonly key: string }[] =>
  files.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map(([, key = '']) => ({ file: name, key })),
  );

const patternOf = (key: string): RegExp =>
  new RegExp(
    `^${key
      .split(/\$\{[^}]*\}/)
      .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('[a-z0-9-]+')}$`,
  );

describe('the words', () => {
  it('are found in the source at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(matchesOf(asked).length).toBeGreaterThan(100);
  });

  it('exist for every key that is asked for', () => {
    const missing = matchesOf(asked).filter(({ key }) => !known.has(key));
    expect(missing).toEqual([]);
  });

  it('exist for every key of which a part comes later', () => {
    const missing = matchesOf(template).filter(({ key }) => {
      const pattern = patternOf(key);
      return !all.some((one) => pattern.test(one));
    });
    expect(missing).toEqual([]);
  });

  it('are all used', () => {
    const used = new Set([
      ...matchesOf(literal).map(({ key }) => key),
      ...files.flatMap(({ text }) =>
        [...text.matchAll(property)].map(([, topic = '', key = '']) => `${topic}.${key}`),
      ),
    ]);
    const patterns = [...new Set(matchesOf(template).map(({ key }) => key))].map(patternOf);
    const idle = all.filter((key) => !used.has(key) && !patterns.some((one) => one.test(key)));
    expect(idle).toEqual([]);
  });

  it('are written the same way: topic, then role, then what', () => {
    const odd = all.filter((key) => !/^[a-z-]+(\.[a-z0-9-]+)+$/.test(key));
    expect(odd).toEqual([]);
  });
});

/** Every word of a language by its key. */
const wordsOf = (leaves: Leaves, above = ''): readonly (readonly [string, string])[] =>
  Object.entries(leaves).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${above}${key}`, value] as const]
      : wordsOf(value, `${above}${key}.`),
  );

const english = new Map(wordsOf(en));
/** Plural forms: vue-i18n separates them by a bar. */
const formsOf = (text: string): readonly string[] => text.split('|');
/** What is filled in; German says it in another order, and more or less often. */
const placesOf = (text: string): string =>
  [...new Set([...text.matchAll(/\{[^}]*\}/g)].map(([place]) => place))].sort().join(' ');

/** The same in both languages: names, technical words, and words that German took over. */
const same = new Set([
  'app.label--name',
  'app.text-direction',
  'connection.label--online',
  'contacts.label--list',
  'contacts.label--name',
  'conversation.announce.message',
  'conversation.device.number',
  'conversation.label--from-them',
  'conversation.method.code',
  'conversation.presence.offline',
  'conversation.presence.online',
  'encryption.prose--verified-on',
  'onboarding.hint--address',
  'onboarding.label--default-device',
  'onboarding.label--host',
  'onboarding.label--port',
  'onboarding.label--starttls',
  'onboarding.label--title',
  'settings.label--device-name',
  'settings.label--language-de',
  'settings.label--language-en',
  'settings.label--links',
  'settings.label--passphrase',
  'settings.label--version',
  'shortcuts.key--alt',
  'shortcuts.label--chats',
  'unlock.label--passphrase',
]);

describe.each(locales.filter((locale) => locale !== 'en'))('the words of %s', (locale) => {
  const words = new Map(wordsOf(messages[locale]));

  it('are there for the same keys as the English ones, in the same order', () => {
    expect([...words.keys()]).toEqual([...english.keys()]);
  });

  it('ux:23 have places for the same things in each form, and as many plural forms', () => {
    const odd = [...words].filter(([key, text]) => {
      const model = formsOf(english.get(key) ?? '');
      const forms = formsOf(text);
      return (
        forms.length !== model.length ||
        forms.some((form, at) => placesOf(form) !== placesOf(model[at] ?? ''))
      );
    });
    expect(odd).toEqual([]);
  });

  it('are not left in English', () => {
    const untranslated = [...words].filter(
      ([key, text]) => text === english.get(key) && !same.has(key),
    );
    expect(untranslated).toEqual([]);
  });

  it('are written as docs/i18n.md says: du, „quotes“, a space before …', () => {
    const odd = [...words].filter(([, text]) => {
      const plain = text.replaceAll("{'@'}", '@');
      const balance = (text.match(/„/g)?.length ?? 0) - (text.match(/“/g)?.length ?? 0);
      return (
        balance !== 0 ||
        /["'”‚‘]|[^ ]…/.test(plain) ||
        /\b(?:können|möchten|haben|werden|geben|wählen) Sie\b|\bIhnen\b|\bIhr(?:e[nmr]?)\b/.test(
          plain,
        )
      );
    });
    expect(odd).toEqual([]);
  });
});
