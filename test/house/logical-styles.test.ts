// SPDX-License-Identifier: GPL-3.0-or-later

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const renderer = resolve(import.meta.dirname, '../../src/renderer');

const read = (ending: string): readonly { readonly name: string; readonly text: string }[] =>
  readdirSync(renderer, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, text: readFileSync(join(renderer, name), 'utf8') }));

const components = read('.vue');
const styles = [
  ...read('.css'),
  ...components.map(({ name, text }) => ({ name, text: text.slice(text.indexOf('<style')) })),
].map(({ name, text }) => ({ name, text: text.replace(/\/\*[\s\S]*?\*\//g, '') }));

/** Properties and values that stay where they are when the language runs the other way. */
const physical = [
  /^\s*(?:left|right)\s*:/,
  /^\s*(?:margin|padding|scroll-margin|scroll-padding|border|inset)-(?:left|right)\b/,
  /^\s*border-(?:top|bottom)-(?:left|right)-radius\s*:/,
  /^\s*(?:float|clear|text-align|caption-side|justify-content|justify-items|justify-self)\s*:\s*(?:left|right)\b/,
  /^\s*translate\s*:\s*-?(?!0[ ;])[\d.]/,
  /\btransform\s*:[^;]*translateX/,
];

/** Movements along the line, each of which has its mirror beside it. */
const mirrored = [/^\s*translate: -?1\.5rem 0;$/];

const found = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => physical.some((one) => one.test(line)))
    .filter((line) => !mirrored.some((one) => one.test(line)));

describe('the styles of the window', () => {
  it('are found, and a physical property would be', () => {
    expect(styles.filter(({ text }) => text.includes('inline')).length).toBeGreaterThan(40);
    for (const line of ['left: 0;', '  margin-left: 1rem;', 'text-align: right;', 'float: left;']) {
      expect(found(line)).toEqual([line]);
    }
    expect(found('  margin-inline-start: 1rem;\n  float: inline-end;')).toEqual([]);
  });

  it('ux:23 know start and end, not left and right', () => {
    const odd = styles.flatMap(({ name, text }) => found(text).map((line) => `${name}: ${line}`));
    expect(odd).toEqual([]);
  });

  it('ux:23 move a panel the other way where the language runs the other way', () => {
    const moving = styles.filter(({ text }) => /translate: -?1\.5rem 0;/.test(text));
    for (const { name, text } of moving) {
      expect(text.match(/translate: 1\.5rem 0;/g)?.length, name).toBe(
        text.match(/translate: -1\.5rem 0;/g)?.length,
      );
      expect(text, name).toContain("[dir='rtl']");
    }
  });

  it('ux:23 turn round every icon that means a direction along the line', () => {
    const icons = components.flatMap(({ name, text }) =>
      [...text.matchAll(/<(?:Arrow|Chevron|Move)(?:Left|Right)\b[^>]*>/g)].map(([tag]) => ({
        name,
        tag,
      })),
    );
    expect(icons.length).toBeGreaterThan(3);
    expect(icons.filter(({ tag }) => !/class="[^"]*\bflip\b/.test(tag))).toEqual([]);
  });

  it('ux:23 leave no quotation mark or word of ours outside the catalogue', () => {
    const loose = components.flatMap(({ name, text }) => {
      const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? '';
      return [...template.replaceAll(/<!--[\s\S]*?-->/g, '').matchAll(/>([^<>{}]+)</g)]
        .map(([, words = '']) => words.trim())
        .filter((words) => /[“”„]|\p{L}{2}/u.test(words) && !words.includes('='))
        .map((words) => `${name}: ${words}`);
    });
    expect(loose.toSorted()).toEqual([
      'features/settings/AboutSection.vue: GPL-3.0-or-later',
      'ui/Wordmark.vue: Sotto',
    ]);
  });
});
