// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { XmlDocument, XmlElement } from 'libxml2-wasm';
import type { JXT } from 'stanza';
import { describe, expect, test } from 'vitest';
import { NO_NAMESPACE } from '#main/xml/namespaces.ts';
import { parseElement } from '#main/xml/parse-element.ts';
import { XmlGuard } from '#main/xml/xml-guard.ts';

/**
 * What we accept has to be what every other reader of XML sees in it: a server that checks a stanza and
 * a client that reads it in another way is how stanzas are smuggled.
 */
const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='urn:s' version='1.0'>";

/** An element as its namespaces say it, whatever prefixes were used; text in one piece. */
type Tree = readonly [
  namespace: string,
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Tree | string)[],
];

const joined = (children: readonly (Tree | string)[]): readonly (Tree | string)[] =>
  children.reduce<readonly (Tree | string)[]>((all, child) => {
    const last = all.at(-1);
    if (typeof child === 'string' && child === '') return all;
    if (typeof child !== 'string' || typeof last !== 'string') return [...all, child];
    return [...all.slice(0, -1), last + child];
  }, []);

/** White space in attributes, which nobody may rely on (XML 1.0, section 3.3.3), is one to us. */
const folded = (value: string): string => value.replaceAll(/[\t\n]/g, ' ');

function ourTree(element: JXT.XMLElement): Tree {
  const namespace = element.getNamespace();
  const attributes = Object.entries(element.attributes).filter(
    ([name]) => !/^xmlns(?::|$)/.test(name),
  );
  return [
    namespace === NO_NAMESPACE ? '' : namespace,
    element.getName(),
    Object.fromEntries(attributes.map(([name, value]) => [name, folded(value ?? '')])),
    joined(element.children.map((child) => (typeof child === 'string' ? child : ourTree(child)))),
  ];
}

function theirTree(element: XmlElement): Tree {
  const children: (Tree | string)[] = [];
  for (let child = element.firstChild; child !== null; child = child.next) {
    children.push(child instanceof XmlElement ? theirTree(child) : child.content);
  }
  const fullName = (prefix: string, name: string): string =>
    prefix === '' ? name : `${prefix}:${name}`;
  return [
    element.namespaceUri,
    element.name,
    Object.fromEntries(
      element.attrs.map(({ prefix, name, content }) => [fullName(prefix, name), folded(content)]),
    ),
    joined(children),
  ];
}

/** The stanzas that we hand on, in order; undefined when the stream ends with an error. */
function readByUs(text: string): readonly Tree[] | undefined {
  const guard = new XmlGuard();
  guard.scan(HEADER);
  const { units, fatal } = guard.scan(text);
  if (fatal !== undefined || units.some(({ tag, spoiled }) => tag !== 'stanza' || spoiled))
    return undefined;
  if (units.at(-1)?.end !== text.length) return undefined;
  const root = parseElement(HEADER);
  let begin = 0;
  const elements = units.map(({ end }) => {
    const element = parseElement(text.slice(begin, end), root);
    begin = end;
    return element;
  });
  return elements.every((element) => element !== undefined) ? elements.map(ourTree) : undefined;
}

function readByLibxml2(text: string): readonly Tree[] | string {
  try {
    using document = XmlDocument.fromString(`${HEADER}${text}</stream:stream>`);
    return theirTree(document.root)[3].filter((child) => typeof child !== 'string');
  } catch (error) {
    return String(error);
  }
}

const NAMES = ['a', 'body', 'p:a', 'q:b', 'stream:x', '__proto__', 'constructor', 'é', 'a.b', 'a·'];
const ODD_NAMES = [
  'xml:a',
  'xmlns:a',
  'p:xmlns',
  'xmlns',
  '-a',
  'a:',
  ':a',
  'a:b:c',
  'r:a',
  '_',
  '',
];
const ATTRIBUTES = ['a', 'b', 'p:a', 'q:a', 'stream:a', 'xml:lang', '__proto__'];
const DECLARED = ['xmlns', 'xmlns:p', 'xmlns:q', 'xmlns:stream'];
const ODD_DECLARED = ['xmlns:xml', 'xmlns:xmlns', 'xmlns:', 'xmlns:a:b'];
const NAMESPACES = ['urn:p', 'urn:q', 'urn:s', 'jabber:client', '', '&#x75;rn:p'];
const RESERVED = ['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/'];
const TEXTS = ['', 'x', ' x ', '\u{1f44b}', '\u0085', '\u2028', '"', "'", ']]', '\r\n', '\r', '\t'];
const REFERENCES = ['&amp;', '&#9;', '&#38;#38;', '&lt;b/&gt;', '&#x10ffff;', '&#13;'];
const ODD_TEXTS = [
  '&#0;',
  '&#xd800;',
  '&#xfffe;',
  '&#x110000;',
  '&x;',
  '&',
  ']]>',
  '<',
  '\u0000',
  '\uffff',
];
const PIECES = [
  ...[...ODD_NAMES, ...ODD_TEXTS, ...TEXTS, '<!--x-->', '<![CDATA[x]]>', '<?x y?>', '<!DOCTYPE a>'],
  ...['<a/>', '</a>', '<a>', '/', '>', '=', "a=''", " xmlns=''", " xmlns:p='urn:q'"],
];

const usually = (common: readonly string[], odd: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...common) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
const named = (names: fc.Arbitrary<string>, values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(names, values, fc.constantFrom('"', "'"))
    .map(([name, value, quote]) => ` ${name}=${quote}${value.replaceAll(quote, '')}${quote}`);

const text = usually([...TEXTS, ...REFERENCES], ODD_TEXTS);
const attributes = fc
  .tuple(
    fc.array(named(usually(DECLARED, ODD_DECLARED), usually(NAMESPACES, RESERVED)), {
      maxLength: 3,
    }),
    fc.array(named(usually(ATTRIBUTES, ODD_NAMES), text), { maxLength: 3 }),
  )
  .map((both) => both.flat().join(''));
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(usually(NAMES, ODD_NAMES), attributes, tie('content'))
    .map(([name, rest, content]) => `<${name}${rest}>${content}</${name}>`),
  content: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.array(fc.oneof(tie('element'), text), { maxLength: 3 }).map((all) => all.join('')),
  ),
}));
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(3),
  piece: fc.constantFrom(...PIECES),
});
/** One element, or what is left of it. What reaches the guard has been decoded from UTF-8. */
const stanza = fc
  .tuple(element, fc.oneof(fc.constant([]), fc.array(edit, { maxLength: 2 })))
  .map(([whole, edits]) =>
    edits
      .reduce((all, { at, cut, piece }) => {
        const place = Math.floor(at * all.length);
        return all.slice(0, place) + piece + all.slice(place + cut);
      }, whole)
      .toWellFormed(),
  );

describe('sec:B10 what we accept, others accept too, and read as we do', () => {
  test('whatever elements, names, prefixes and values are put together', () => {
    let accepted = 0;
    fc.assert(
      fc.property(stanza, (xml) => {
        const ours = readByUs(xml);
        if (ours === undefined) return;
        const theirs = readByLibxml2(xml);
        // A namespace is a name, whatever it looks like; libxml2 wants one that looks like an address.
        if (typeof theirs === 'string' && theirs.includes('is not a valid URI')) return;
        accepted += 1;
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test.each([
    ["<message xmlns=''/>", 'no message of the client namespace'],
    ["<p:message xmlns:p='jabber:client' xmlns=''><body/></p:message>", 'a body of no namespace'],
    ["<a xmlns='urn:p'><b xmlns=''><c/></b></a>", 'no namespace further down'],
    ['<a>one\r\ntwo\rthree&#13;</a>', 'line ends'],
    ["<a xml:lang='en' p:b='1' q:b='2' xmlns:p='urn:p' xmlns:q='urn:q'/>", 'two prefixes'],
  ])('%s: %s', (xml) => {
    const ours = readByUs(xml);
    expect(ours).toBeDefined();
    expect(ours).toEqual(readByLibxml2(xml));
  });

  test.each([
    ['<xmlns:a/>', 'the prefix of declarations'],
    ["<a xmlns:xmlns='urn:p'/>", 'the prefix of declarations, declared'],
    ["<a xmlns:xml='urn:p'/>", 'the prefix xml for another namespace'],
    ["<a xmlns:p=''/>", 'a prefix that is taken back'],
    [`<a xmlns='${RESERVED[0] ?? ''}'/>`, 'the namespace of xml as default'],
    [`<a xmlns:p='${RESERVED[1] ?? ''}'/>`, 'the namespace of declarations'],
    [
      "<a p:b='1' q:b='2' xmlns:p='urn:p' xmlns:q='urn:p'/>",
      'one attribute twice, by two prefixes',
    ],
    ["<a><b xmlns:p=''/></a>", 'further down'],
  ])('%s is refused: %s', (xml) => {
    expect(readByUs(xml)).toBeUndefined();
    expect(readByLibxml2(xml)).toMatch(/Error/);
  });
});
