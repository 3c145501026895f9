// SPDX-License-Identifier: GPL-3.0-or-later

import { Client } from 'stanza';
import { expect, test } from 'vitest';
import type { StreamPart } from '#main/xmpp/transport/element-reader.ts';
import { IncomingFrames } from '#main/xmpp/transport/xml-frames.ts';

const FRAMING = "xmlns='urn:ietf:params:xml:ns:xmpp-framing'";
const OPEN = `<open ${FRAMING} from='localhost' id='s1' version='1.0'/>`;
const MESSAGE = "<message xmlns='jabber:client' from='bob@localhost'><body>hello</body></message>";
const { stanzas: registry } = new Client({});

/** What a stream makes of these frames, and whether it took the last. */
function read(...frames: readonly string[]): { parts: string[]; taken: boolean } {
  const parts: string[] = [];
  const incoming = new IncomingFrames({ registry, domain: 'localhost', language: 'en' }, (part) =>
    parts.push(toWord(part)),
  );
  const taken = frames.map((frame) => incoming.write(frame)).at(-1) ?? false;
  return { parts, taken };
}

const toWord = (part: StreamPart): string =>
  part.tag === 'element' ? `${part.kind} ${String(part.stanza.body ?? '')}` : part.tag;

test('a stream opens, carries elements and ends', () => {
  expect(read(OPEN, MESSAGE, `<close ${FRAMING}/>`)).toEqual({
    parts: ['start', 'message hello', 'end'],
    taken: true,
  });
});

const cases: readonly [string, string][] = [
  ['white space alone', ' '],
  ['white space before the element', ` ${MESSAGE}`],
  ['white space behind the element', `${MESSAGE}\n`],
  ['text behind the element', `${MESSAGE}and more`],
  ['text alone', 'hello'],
  ['nothing', ''],
  ['two elements', MESSAGE + MESSAGE],
  ['half an element', MESSAGE.slice(0, -1)],
  ['the end of an element that never began', '</message>'],
  ['an end that closes what is around all frames', `${MESSAGE}</frames>`],
  ['an XML declaration', `<?xml version='1.0'?>${MESSAGE}`],
  ['a comment', `<!-- -->${MESSAGE}`],
  ['a document type', `<!DOCTYPE x>${MESSAGE}`],
  ['an unknown entity', MESSAGE.replace('hello', '&x;')],
  ['a prefix that the frame does not declare', '<stream:features/>'],
  ['a byte order mark', `\ufeff${MESSAGE}`],
  ['a character that XML forbids', MESSAGE.replace('hello', '\u0001')],
  ['a second opening', OPEN],
];
test.each(cases)('sec:T-X-WS-3 %s is no frame', (_what, frame) => {
  expect(read(OPEN, frame)).toEqual({ parts: ['start'], taken: false });
});

test.each([
  ['a message', MESSAGE],
  ['an opening of another namespace', "<open xmlns='urn:example' version='1.0'/>"],
  ['an opening without namespace', "<open version='1.0'/>"],
  ['an opening over the limits', OPEN.replace('s1', 's'.repeat(70_000))],
  ['an opening of TCP', "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>"],
])('sec:T-X-WS-6 %s does not come first', (_what, frame) => {
  expect(read(frame)).toEqual({ parts: [], taken: false });
});

test('a server may say goodbye before it has said hello', () => {
  expect(read(`<close ${FRAMING}/>`)).toEqual({ parts: ['end'], taken: true });
});

test('a goodbye of another namespace is none', () => {
  const other = "<close xmlns='urn:example'/>";
  expect(read(OPEN, other, MESSAGE).parts).toEqual(['start', 'message hello']);
  expect(read(other)).toEqual({ parts: [], taken: false });
});

test('a stanza over the limits is read past, and still counts', () => {
  const deep = MESSAGE.replace('<body>', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}<body>`);
  expect(read(OPEN, deep, MESSAGE)).toEqual({
    parts: ['start', 'message ', 'message hello'],
    taken: true,
  });
});

test('the framing is not taken from inside a stanza', () => {
  const inner = MESSAGE.replace('<body>', `<close ${FRAMING}/><body>`);
  expect(read(OPEN, inner).parts).toEqual(['start', 'message hello']);
});
