// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '#main/xmpp/limits.ts';
import { XmlGuard, type XmlViolation } from '#main/xml/xml-guard.ts';

const HEADER = "<?xml version='1.0'?><s:stream xmlns='jabber:client' xmlns:s='x' version='1.0'>";

/** What the guard says to text inside a stream. */
function check(text: string): XmlViolation | undefined {
  const guard = new XmlGuard();
  return verdictOf(guard, HEADER) ?? verdictOf(guard, text);
}

/** Why the text, or a stanza in it, is refused. */
function verdictOf(guard: XmlGuard, text: string): XmlViolation | undefined {
  const { units, fatal } = guard.scan(text);
  return fatal ?? guard.spoiled ?? units.find(({ spoiled }) => spoiled !== undefined)?.spoiled;
}

const nest = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels);
const siblings = (count: number): string => `<a>${'<b/>'.repeat(count - 1)}</a>`;
const attributes = (count: number): string =>
  `<a ${Array.from({ length: count }, (_, index) => `n${String(index)}=''`).join(' ')}/>`;
const filled = (total: number): string => {
  // Two texts, since one alone may not be as long as a stanza.
  const frame = '<a><b></b></a>';
  const left = total - frame.length;
  const half = Math.floor(left / 2);
  return `<a><b>${'x'.repeat(half)}</b>${'x'.repeat(left - half)}</a>`;
};

describe('limits hold exactly', () => {
  const cases: readonly [string, (size: number) => string, number, XmlViolation][] = [
    ['stanza', filled, limits.stanza, 'stanza-too-big'],
    ['depth', nest, limits.depth, 'too-deep'],
    ['elements', siblings, limits.elementsPerStanza, 'too-many-elements'],
    ['attributes', attributes, limits.attributesPerElement, 'too-many-attributes'],
    [
      'attribute value',
      (n) => `<a b='${'x'.repeat(n)}'/>`,
      limits.attributeValue,
      'value-too-long',
    ],
    ['text', (n) => `<a>${'x'.repeat(n)}</a>`, limits.text, 'text-too-long'],
    [
      'text in two-byte letters',
      (n) => `<a>${'é'.repeat(Math.ceil(n / 2))}</a>`,
      limits.text - 1,
      'text-too-long',
    ],
    ['name', (n) => `<${'x'.repeat(n)}/>`, limits.name, 'name-too-long'],
    ['attribute name', (n) => `<a ${'x'.repeat(n)}=''/>`, limits.name, 'name-too-long'],
  ];
  test.each(cases)('sec:A4 %s', (_what, make, limit, violation) => {
    expect(check(make(limit - 1))).toBeUndefined();
    expect(check(make(limit))).toBeUndefined();
    expect(check(make(limit + (_what.includes('two-byte') ? 2 : 1)))).toBe(violation);
  });

  test('are counted anew for each stanza', () => {
    const big = filled(limits.stanza - 10);
    const many = siblings(limits.elementsPerStanza);
    expect(
      check(big + big + many + many + nest(limits.depth) + nest(limits.depth)),
    ).toBeUndefined();
  });

  test('hold for the header as well', () => {
    expect(verdictOf(new XmlGuard(), `<?xml version='1.0'${' '.repeat(300)}?>`)).toBe(
      'forbidden-construct',
    );
    expect(verdictOf(new XmlGuard(), ' '.repeat(limits.stanza + 1))).toBe('stanza-too-big');
  });
});

describe('what is not XML as XMPP has it', () => {
  test.each<[string, XmlViolation]>([
    ['<!DOCTYPE a>', 'forbidden-construct'],
    ['<a><!DOCTYPE a></a>', 'forbidden-construct'],
    ['<!-- -->', 'forbidden-construct'],
    ['<a><![CDATA[x]]></a>', 'forbidden-construct'],
    ["<?xml version='1.0'?>", 'forbidden-construct'],
    ['<a>&lol;</a>', 'forbidden-construct'],
    ['<a>&;</a>', 'forbidden-construct'],
    ['<a>&<b/></a>', 'malformed'],
    ['<a>& </a>', 'malformed'],
    ["<a b='&quot'/>", 'malformed'],
    ['<a>]]></a>', 'malformed'],
    ['<a>]]]></a>', 'malformed'],
    ['text between stanzas', 'malformed'],
    ['<a></b>', 'malformed'],
    ['<a/ >', 'malformed'],
    ['<1a/>', 'malformed'],
    ['<a:b:c/>', 'malformed'],
    ['<:a/>', 'malformed'],
    ['<a b/>', 'malformed'],
    ['<a b=c/>', 'malformed'],
    ["<a b='<'/>", 'malformed'],
    ["<a b='1'c='2'/>", 'malformed'],
    ["<a b='1' b='2'/>", 'malformed'],
    ['<x:a/>', 'unbound-prefix'],
    ["<a x:b=''/>", 'unbound-prefix'],
    ["<a xmlns:x='y'/><x:a/>", 'unbound-prefix'],
    ['<a>\u0000</a>', 'illegal-character'],
    ['<a>\ufffe</a>', 'illegal-character'],
    ["<a b='\u0008'/>", 'illegal-character'],
    ['</s:stream><a/>', 'malformed'],
    ['</s:stream></s:stream>', 'malformed'],
  ])('%j is %s', (text, violation) => {
    expect(check(text)).toBe(violation);
  });

  test.each([
    "<a b=\"'\" c='&#x1F44B;&lt;'>x &amp; y ]] > \u{1f44b}\t\r\n</a>",
    "<x:a xmlns:x='y' x:b='z' xml:lang='en'><x:c/></x:a >",
    '  \n <a/>\n',
    '</s:stream>\n',
    '<a>Ω</a><größe/>',
  ])('%j passes', (text) => {
    expect(check(text)).toBeUndefined();
  });
});

test('where the text is cut into pieces makes no difference', () => {
  const text = "<m xmlns:x='y'><x:b c='&amp;'>a ]] b</x:b></m><m>&#9;</m><m>]]></m>";
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      const guard = new XmlGuard();
      const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = edges.slice(1).map((end, index) => text.slice(edges[index], end));
      const verdicts = [HEADER, ...pieces].map((piece) => verdictOf(guard, piece));
      expect(verdicts.find((verdict) => verdict !== undefined)).toBe('malformed');
    }),
  );
});

test('white space that keeps a connection alive never adds up', () => {
  const guard = new XmlGuard();
  verdictOf(guard, HEADER);
  const spaces = ' '.repeat(limits.stanza);
  expect([verdictOf(guard, spaces), verdictOf(guard, spaces), verdictOf(guard, '<a/>')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
