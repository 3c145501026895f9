// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseElement } from '#main/xml/parse-element.ts';
import { Component, toDelay } from '#prekey-server/stream/component.ts';
import { answerRequest } from '#prekey-server/stream/disco.ts';
import { readStanza } from '#prekey-server/stream/incoming.ts';
import { streamDelays } from '#prekey-server/stream/limits.ts';
import { formatRejection, formatReply } from '#prekey-server/stream/outgoing.ts';
import { createLog } from '#prekey-server/watch/log.ts';
import { Metrics } from '#prekey-server/watch/metrics.ts';
import { ComponentHost } from './component-host.ts';

const JID = 'prekey.localhost';
const SECRET = '0123456789abcdef0123456789abcdef';
const CARD = { jid: JID, fingerprint: 'AB'.repeat(56) };

const element = (xml: string) => {
  const root = parseElement(`<stream xmlns='jabber:component:accept'/>`);
  const parsed = parseElement(xml, root);
  if (parsed === undefined) throw new RangeError(xml);
  return parsed;
};
const read = (xml: string) => readStanza(element(xml), JID);

describe('sec:T-P-LOOP-1 pks:T-42 what the component reads', () => {
  const body = '<body>AAQQ.</body>';
  const from = `from='bob@localhost/desk' to='${JID}'`;

  it('messages of type normal and chat, with their id and type', () => {
    const message = { tag: 'message', from: 'bob@localhost/desk', body: 'AAQQ.' };
    const normal = read(`<message ${from} id='1'>${body}</message>`);
    expect(normal).toEqual({ ...message, id: '1', type: 'normal' });
    const chat = read(`<message ${from} type='chat'>${body}</message>`);
    expect(chat).toEqual({ ...message, id: undefined, type: 'chat' });
  });

  it.each([
    `<message ${from} type='error'>${body}</message>`,
    `<message ${from} type='groupchat'>${body}</message>`,
    `<message ${from} type='headline'>${body}</message>`,
    `<message ${from}/>`,
    `<message ${from}><body/></message>`,
    `<message ${from}><body>  </body></message>`,
    `<message ${from}>${body}${body}</message>`,
    `<message ${from}><body xmlns='urn:other'>AAQQ.</body></message>`,
    `<message ${from}><body>AA<b/>QQ.</body></message>`,
    `<message to='${JID}'>${body}</message>`,
    `<message from='${JID}' to='${JID}'>${body}</message>`,
    `<message from='${JID}/x' to='${JID}'>${body}</message>`,
    `<message from='bob@localhost' to='other.localhost'>${body}</message>`,
    `<message from='${'b'.repeat(4000)}@localhost' to='${JID}'>${body}</message>`,
    `<message xmlns='jabber:client' ${from}>${body}</message>`,
    `<presence ${from}/>`,
    `<iq ${from} type='result' id='1'/>`,
    `<iq ${from} type='error' id='1'/>`,
    `<iq ${from} type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  ])('and not what is like %#', (xml) => {
    expect(read(xml)).toBeUndefined();
  });
});

describe('xep:S-13 pks:T-41 what the component answers', () => {
  const ask = (payload: string, type = 'get'): string => {
    const asked = read(
      `<iq from='bob@localhost/a' to='${JID}' id='7' type='${type}'>${payload}</iq>`,
    );
    if (asked?.tag !== 'request') throw new RangeError(payload);
    return answerRequest(asked, CARD);
  };
  const INFO = 'http://jabber.org/protocol/disco#info';
  const ITEMS = 'http://jabber.org/protocol/disco#items';
  const envelope = `<iq from="${JID}" to="bob@localhost/a" id="7" type="result"`;

  it('who it is, without a node and for the fingerprint', () => {
    const bare = ask(`<query xmlns='${INFO}'/>`);
    expect(bare).toBe(
      `${envelope}><query xmlns="${INFO}"><identity category="auth" type="otr-prekey" ` +
        `name="OTR Prekey Server"/><feature var="${INFO}"/><feature var="${ITEMS}"/>` +
        `<feature var="http://jabber.org/protocol/otrv4-prekey-server"/></query></iq>`,
    );
    const node = ask(`<query xmlns='${INFO}' node='fingerprint'/>`);
    expect(node.replace(' node="fingerprint"', '')).toBe(bare);
  });

  it('xep:S-11 its fingerprint, as one item', () => {
    expect(ask(`<query xmlns='${ITEMS}'/>`)).toBe(
      `${envelope}><query xmlns="${ITEMS}"><item jid="${JID}" node="fingerprint" ` +
        `name="${CARD.fingerprint}"/></query></iq>`,
    );
  });

  it('a ping', () => {
    expect(ask(`<ping xmlns='urn:xmpp:ping'/>`)).toBe(`${envelope}/>`);
  });

  it.each([
    ['get', `<vCard xmlns='vcard-temp'/>`],
    ['get', `<query xmlns='jabber:iq:roster'/>`],
    ['get', `<query xmlns='jabber:iq:version'/>`],
    ['get', `<query xmlns='${INFO}' node='other'/>`],
    ['get', `<query xmlns='${ITEMS}' node='fingerprint'/>`],
    ['set', `<query xmlns='${INFO}'/>`],
    ['set', `<ping xmlns='urn:xmpp:ping'/>`],
    ['get', ``],
    ['get', `<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>`],
  ])('to any other question that it does not serve: %s %s', (type, payload) => {
    expect(ask(payload, type)).toContain('<service-unavailable ');
    expect(ask(payload, type)).toContain('type="error"');
  });

  it('xep:S-14 messages that no other device and no archive gets, or a wait', () => {
    const address = { from: JID, to: `a"'<&@localhost/x`, id: '<1>', type: 'chat' } as const;
    const reply = element(formatReply(address, 'AAQT.'));
    expect(reply.attributes).toEqual({ ...address });
    expect(reply.children.map((child) => (typeof child === 'string' ? child : child.name))).toEqual(
      ['body', 'no-copy', 'no-store', 'private'],
    );
    const rejection = element(formatRejection({ ...address, id: undefined }));
    expect(rejection.attributes).toEqual({ from: JID, to: address.to, type: 'error' });
    expect(rejection.toString()).toContain('<error type="wait"><resource-constraint ');
  });
});

describe('the stream of the component', () => {
  let host: ComponentHost;
  let component: Component;
  let elements: string[];
  let log: string;

  beforeEach(async () => {
    host = await ComponentHost.start(SECRET);
    elements = [];
    log = '';
    const address = { host: '127.0.0.1', port: host.port, jid: JID };
    component = new Component(
      { ...address, secret: new TextEncoder().encode(SECRET) },
      {
        log: createLog((line) => (log += line), Date.now),
        metrics: new Metrics(),
        chance: () => 0,
        element: (stanza) => elements.push(stanza.toString()),
      },
    );
    component.start();
  });
  afterEach(async () => {
    await component.stop();
    await host[Symbol.asyncDispose]();
  });

  const logged = (words: string) =>
    vi.waitFor(() => {
      expect(log).toContain(words);
    }, 10_000);

  it('F-PK-6 proves the secret, reads stanzas, and comes back when it is cut', async () => {
    await host.welcome();
    await logged('stream.ready');
    host.say(`<message from='a@b' to='${JID}'><body>one</body></message>`);
    await vi.waitFor(() => {
      expect(elements).toHaveLength(1);
    });
    expect(component.send('<message to="a@b"/>')).toBe(true);
    await host.hear((text) => text.includes('<message to="a@b"/>'));
    host.cut();
    await logged('"reason":"lost"');
    expect(component.send('<message/>')).toBe(false);
    await host.welcome();
    await vi.waitFor(() => {
      expect(component.isReady).toBe(true);
    });
    expect(host.opened).toBe(2);
  });

  it.each([
    [
      'not-authorized',
      '<stream:error><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>',
    ],
    [
      'conflict',
      '<stream:error><conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>',
    ],
    ['stream-error', '<stream:error/>'],
    ['closed', '</stream:stream>'],
    ['not-xmpp', '<!DOCTYPE x>'],
    ['not-xmpp', '<a:b/>'],
    ['not-xmpp', '\u0000'],
    ['not-xmpp', Uint8Array.of(0xff, 0xfe)],
  ])(
    'says %s of a stream that ends with the like of it, and will try again',
    async (reason: string, words: string | Uint8Array) => {
      await host.hear((text) => text.includes('<stream:stream'));
      host.say(host.header('x'));
      await host.hear((text) => text.includes('<handshake>'));
      host.say(words);
      await logged(`"reason":"${reason}"`);
      expect(elements).toEqual([]);
      expect(log).toContain('"retryInMs":1000');
    },
  );

  it.each([
    '<html>',
    `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1'>`,
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>`,
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='urn:other' id='1'>`,
  ])('tells its secret to nobody who opens with %s', async (header) => {
    await host.hear((text) => text.includes('<stream:stream'));
    host.say(header);
    await logged('"reason":"not-xmpp"');
    expect(host.heard).not.toContain('handshake');
  });

  it('reads no stanza before it is taken in, and passes over one that is too big', async () => {
    await host.hear((text) => text.includes('<stream:stream'));
    host.say(host.header('x'));
    await host.hear((text) => text.includes('<handshake>'));
    host.say(`<message from='a@b'><body>early</body></message><handshake/>`);
    await logged('stream.ready');
    host.say(`<message from='a@b'><body>${'x'.repeat(300_000)}</body></message>`);
    host.say(`<message from='a@b'><body>after</body></message>`);
    await vi.waitFor(() => {
      expect(elements.join()).toContain('after');
    });
    expect(elements).toHaveLength(1);
    expect(component.isReady).toBe(true);
  });

  it('whatever bytes come, it stays up or comes back', async () => {
    await host.welcome();
    await logged('stream.ready');
    const stanza = `<message from='a@b' to='${JID}'><body>AAQQ.</body></message>`;
    await fc.assert(
      fc.asyncProperty(fc.nat(stanza.length), fc.string({ unit: 'binary' }), async (at, noise) => {
        host.say(stanza.slice(0, at) + noise + stanza.slice(at));
        await Promise.resolve();
      }),
      { numRuns: 50 },
    );
    expect(log).not.toContain('failed');
  });
});

describe('coming back', () => {
  it('waits longer each time, up to a minute, and never in step with others', () => {
    const waits = [1, 2, 3, 6, 50].map((attempt) => [toDelay(attempt, 0), toDelay(attempt, 0.999)]);
    expect(waits).toEqual([
      [1000, 1999],
      [2000, 3998],
      [4000, 7996],
      [30_000, 59_970],
      [30_000, 59_970],
    ]);
    expect(streamDelays.reconnectMax).toBe(60_000);
  });
});
