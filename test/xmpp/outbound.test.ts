// SPDX-License-Identifier: GPL-3.0-or-later

import { expect, test } from 'vitest';
import { type FullJid, parseFullJid } from '#shared/model/jid.ts';
import { buildAgent } from '#main/xmpp/agent.ts';
import { toChatStanza, toOtrStanza, toReceiptStanza } from '#main/xmpp/outbound.ts';
import { toXmlText } from '#main/xml/xml-text.ts';
import { configure, deps, jid } from './parties.ts';

const { agent } = buildAgent({
  server: configure({ host: 'x', port: 1, certificatePem: '' }, 'alice@localhost'),
  resource: undefined,
  deps,
  hooks: {
    judge: () => ({ tag: 'drop' }),
    heard: () => undefined,
    ended: () => undefined,
  },
});

function full(text: string): FullJid {
  const parsed = parseFullJid(text);
  if (!parsed.ok) throw new RangeError(parsed.error);
  return parsed.value;
}

/** As it goes out, with children in a fixed order and one way of quoting. */
function write(stanza: object): string[] {
  const element = agent.stanzas.export('message', stanza);
  const children = (element?.children ?? []).map(String).sort();
  const attributes = Object.entries(element?.attributes ?? {});
  const shown = attributes
    .filter(([name, value]) => name !== 'xmlns' && value !== undefined)
    .map(([name, value]) => `${name}=${value ?? ''}`);
  return [shown.sort().join(' '), ...children];
}

const to = full('bob@host.example/desk');

test('xep:X-45 xep:X-46 xep:X-47 xep:T-72 an encoded OTR message has the shape of the draft, and nothing else', () => {
  expect(write(toOtrStanza({ to, body: '?OTR:AAQ1.', id: 'i', kind: 'encoded' }))).toEqual([
    'id=i to=bob@host.example/desk type=chat',
    '<body>?OTR:AAQ1.</body>',
    '<encryption xmlns="urn:xmpp:eme:0" namespace="urn:xmpp:otr:0" name="OTR"/>',
    '<no-copy xmlns="urn:xmpp:hints"/>',
    '<no-permanent-store xmlns="urn:xmpp:hints"/>',
    '<private xmlns="urn:xmpp:carbons:2"/>',
  ]);
});

test.each(['query', 'error'] as const)(
  'xep:C-12 an OTR %s carries the hints but no label',
  (kind) => {
    const [, ...children] = write(toOtrStanza({ to, body: '?OTRv34?', id: 'i', kind }));
    expect(children.join()).not.toContain('urn:xmpp:eme:0');
    expect(children.join()).toContain('no-copy');
    expect(children.join()).toContain('no-permanent-store');
    expect(children.join()).toContain('urn:xmpp:carbons:2');
  },
);

test('a plain message carries its origin id, asks for a receipt only if told to, and has no hints', () => {
  const message = { to: jid('bob@host.example'), body: 'hello', id: 'i', requestReceipt: true };
  expect(write(toChatStanza(message))).toEqual([
    'id=i to=bob@host.example type=chat',
    '<body>hello</body>',
    '<origin-id xmlns="urn:xmpp:sid:0" id="i"/>',
    '<request xmlns="urn:xmpp:receipts"/>',
  ]);
  expect(write(toChatStanza({ ...message, requestReceipt: false }))).toHaveLength(3);
});

test('a receipt names the message and says nothing else', () => {
  expect(write(toReceiptStanza(to, 'm-1', 'i'))).toEqual([
    'id=i to=bob@host.example/desk type=chat',
    '<received xmlns="urn:xmpp:receipts" id="m-1"/>',
    '<store xmlns="urn:xmpp:hints"/>',
  ]);
});

test.each([
  ['a\u0000b\u0008c\u000bd\u001fe', 'a\ufffdb\ufffdc\ufffdd\ufffde'],
  ['\ud800x\udc00', '\ufffdx\ufffd'],
  ['\ufffe\uffff', '\ufffd\ufffd'],
  ['tab\tline\nreturn\r \u{1f44b}\u{10ffff} é', 'tab\tline\nreturn\r \u{1f44b}\u{10ffff} é'],
])('ux:I-4 text that XML forbids is replaced before it can end the stream: %j', (text, clean) => {
  expect(toXmlText(text)).toBe(clean);
  expect(toChatStanza({ to, body: text, id: 'i', requestReceipt: false }).body).toBe(clean);
});
