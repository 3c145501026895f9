// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildAgent } from '#main/xmpp/agent.ts';
import { judge } from '#main/xmpp/gate.ts';
import { fromMessage, fromPresence } from '#main/xmpp/inbound.ts';
import { RosterBook } from '#main/xmpp/roster-book.ts';
import { IncomingStream } from '#main/xmpp/transport/xml-stream.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { configure, deps, jid } from './parties.ts';

const own = jid('alice@localhost');
const { agent } = buildAgent({
  server: configure({ host: 'x', port: 1, certificatePem: '' }, own),
  resource: undefined,
  deps,
  hooks: { judge: () => ({ tag: 'drop' }), heard: () => undefined, ended: () => undefined },
});
const HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

const isOurs = (domain: string): boolean => domain === 'prekey.localhost';

/** The events that a piece of a stream makes, by the way a client goes. */
function read(xml: string): WireEvent[] {
  const events: WireEvent[] = [];
  const book = new RosterBook();
  const context = {
    own,
    now: 1_700_000_000_000,
    isContact: () => true,
    isPrekeyServer: isOurs,
  };
  const address = { registry: agent.stanzas, domain: 'localhost', language: 'en' };
  const incoming = new IncomingStream(address, (part) => {
    if (part.tag !== 'element') return;
    const verdict = judge(part.kind, part.stanza, {
      stage: 'session',
      own,
      maySeeUs: () => true,
      spendAnswer: () => true,
      unacknowledged: 0,
      lastAcknowledged: 0,
    });
    if (verdict.tag !== 'pass') return;
    const { stanza } = verdict;
    if (part.kind === 'message') events.push(...fromMessage(stanza, context));
    if (part.kind === 'presence') events.push(...fromPresence(stanza, context));
    const pushed = part.kind === 'iq' ? (stanza.roster as { items?: [] } | undefined) : undefined;
    const event = book.push(pushed?.items ?? []);
    if (event !== undefined) events.push(event);
  });
  expect(incoming.write(Buffer.from(HEADER + xml))).toBe(true);
  return events;
}

const NAMES = [
  ['received', 'urn:xmpp:carbons:2'],
  ['sent', 'urn:xmpp:carbons:2'],
  ['private', 'urn:xmpp:carbons:2'],
  ['forwarded', 'urn:xmpp:forward:0'],
  ['message', 'jabber:client'],
  ['body', 'jabber:client'],
  ['show', 'jabber:client'],
  ['status', 'jabber:client'],
  ['priority', 'jabber:client'],
  ['error', 'jabber:client'],
  ['conflict', 'urn:ietf:params:xml:ns:xmpp-stanzas'],
  ['delay', 'urn:xmpp:delay'],
  ['request', 'urn:xmpp:receipts'],
  ['received', 'urn:xmpp:receipts'],
  ['origin-id', 'urn:xmpp:sid:0'],
  ['stanza-id', 'urn:xmpp:sid:0'],
  ['encryption', 'urn:xmpp:eme:0'],
  ['no-copy', 'urn:xmpp:hints'],
  ['result', 'urn:xmpp:mam:2'],
  ['event', 'http://jabber.org/protocol/pubsub#event'],
  ['query', 'jabber:iq:roster'],
  ['item', 'jabber:iq:roster'],
] as const;
const VALUES = [
  '',
  'x',
  own,
  `${own}/desk`,
  'bob@localhost/x',
  'prekey.localhost',
  '@',
  'a@b/',
  'both',
  'set',
  'chat',
  'error',
  '-5',
  '9e99',
  '2024-01-01T00:00:00Z',
];

const attributes = fc.dictionary(
  fc.constantFrom(
    'from',
    'to',
    'type',
    'id',
    'stamp',
    'by',
    'jid',
    'subscription',
    'ask',
    'namespace',
  ),
  fc.constantFrom(...VALUES),
  { maxKeys: 4 },
);
const format = (
  name: string,
  attrs: Record<string, string>,
  inner: string,
  namespace?: string,
): string =>
  `<${name}${namespace === undefined ? '' : ` xmlns='${namespace}'`}` +
  Object.entries(attrs)
    .map(([key, value]) => ` ${key}='${value}'`)
    .join('') +
  `>${inner}</${name}>`;
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc
      .tuple(fc.constantFrom(...NAMES), attributes, fc.array(tie('tree'), { maxLength: 3 }))
      .map(([[name, namespace], attrs, children]) =>
        format(name, attrs, children.join(''), namespace),
      ),
  ),
}));

test('whatever of our vocabulary comes in whatever order, reading it neither throws nor invents a sender', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('message', 'presence', 'iq'),
      attributes,
      fc.array(tree, { maxLength: 4 }),
      (name, attrs, children) => {
        for (const event of read(format(name, attrs, children.join('')))) {
          if (!('from' in event)) continue;
          const from = typeof event.from === 'string' ? event.from : event.from.bare;
          const isService = event.tag === 'prekey' || event.tag === 'prekey-bounced';
          const known = isService ? ['prekey.localhost'] : ['alice@localhost', 'bob@localhost'];
          expect(known).toContain(from);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a copy without content and a roster entry without address are nothing', () => {
  expect(read(`<message from='${own}'><received xmlns='urn:xmpp:carbons:2'/></message>`)).toEqual(
    [],
  );
  expect(
    read(
      "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item subscription='both'/></query></iq>",
    ),
  ).toEqual([]);
});

test('a stamp without time, by our own server as it seems, is no stamp', () => {
  const xml =
    "<message from='bob@localhost/x'><body>x</body><delay xmlns='urn:xmpp:delay' from='localhost'/></message>";
  expect(read(xml)).toMatchObject([{ body: 'x', delayedAt: undefined }]);
});

test('a stanza that cannot be read is still counted: it arrives without its content', () => {
  const kinds: unknown[] = [];
  const address = { registry: agent.stanzas, domain: 'localhost', language: 'en' };
  const incoming = new IncomingStream(address, (part) => {
    if (part.tag === 'element') kinds.push([part.kind, part.stanza.from, part.stanza.json]);
  });
  const xml =
    "<message from='bob@localhost/x'><json xmlns='urn:xmpp:json:0'>{</json></message>" +
    "<presence from='bob@localhost/x'/>";
  expect(incoming.write(Buffer.from(HEADER + xml))).toBe(true);
  expect(kinds).toEqual([
    ['message', undefined, undefined],
    ['presence', 'bob@localhost/x', undefined],
  ]);
});

test('of two bodies the first counts, and an empty one is no message', () => {
  const two = "<message from='bob@localhost/x'><body>one</body><body>two</body></message>";
  expect(read(two)).toMatchObject([{ tag: 'message', body: 'one' }]);
  expect(read("<message from='bob@localhost/x'><body/></message>")).toEqual([]);
});

test('xep:S-21 xep:S-22 labels of other versions are passed on as they are; private is tolerated', () => {
  const xml =
    "<message from='bob@localhost/x' id='i'><body>?OTR:</body><private xmlns='urn:xmpp:carbons:2'/>" +
    "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:1'/></message>";
  expect(read(xml)).toMatchObject([{ encryption: 'urn:xmpp:otr:1', carbon: 'none' }]);
});

test("the server's id for a message counts only when our own account has given it", () => {
  const stamped = (by: string): string =>
    `<message from='bob@localhost/x'><body>x</body><stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='s'/></message>`;
  expect(read(stamped(own))).toMatchObject([{ stanzaId: 's' }]);
  expect(read(stamped('bob@localhost'))).toMatchObject([{ stanzaId: undefined }]);
});
