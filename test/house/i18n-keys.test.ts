// SPDX-License-Identifier: GPL-3.0-or-later

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/shared/i18n/en.ts';

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
const property = /\ben\.([a-z]+)\['([a-z0-9-]+)'\]/g;
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
