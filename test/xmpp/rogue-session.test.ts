// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { afterLogin, DEVICE, openSession } from '../support/rogue-scripts.ts';
import type { RogueScript } from '../support/rogue-server.ts';
import { carbon, innerFrom, MARK, ME, type Outcome, ROSTER, RogueTalk } from './rogue-talk.ts';

let talk: RogueTalk;
beforeAll(async () => {
  talk = await RogueTalk.open();
});
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
});

const receive = (xml: string): Promise<Outcome> => talk.receive(xml);
const ending = (script: RogueScript): Promise<WireEvent[]> => talk.ending(script);

describe('copies of messages (carbons)', () => {
  test('count when the own account hands them on', async () => {
    const inner = innerFrom('bob@localhost/x', `${ME}/phone`);
    const { events } = await receive(carbon(`from='${ME}'`, inner));
    expect(events).toMatchObject([{ tag: 'message', carbon: 'received', body: 'inner' }]);
  });

  const toMe = innerFrom('bob@localhost/x', `${ME}/phone`);
  const fromMe = innerFrom(`${ME}/phone`, 'bob@localhost/x');
  const nested = carbon(`xmlns='jabber:client' from='${ME}' to='${ME}/phone'`, toMe);
  test.each([
    ['from a contact', carbon("from='bob@localhost/x'", toMe)],
    ['from a contact, of something we sent', carbon("from='bob@localhost'", fromMe, 'sent')],
    ['from a stranger', carbon("from='eve@evil.example/x'", toMe)],
    ['from an own device', carbon(`from='${DEVICE}'`, toMe)],
    ['from the own server', carbon("from='localhost'", toMe)],
    ['from an address that only looks like ours', carbon("from='аlice@localhost'", toMe)],
    [
      'of a message between others',
      carbon(`from='${ME}'`, innerFrom('bob@localhost/x', 'eve@localhost')),
    ],
    ['of something we did not send', carbon(`from='${ME}'`, toMe, 'sent')],
    ['of a group chat', carbon(`from='${ME}'`, innerFrom('r@muc/x', ME, 'groupchat'))],
    ['of an error', carbon(`from='${ME}'`, innerFrom('bob@localhost/x', ME, 'error'))],
    ['of a copy', carbon(`from='${ME}'`, nested)],
    [
      'wrapped, but not as a copy',
      `<message from='${ME}'><forwarded xmlns='urn:xmpp:forward:0'>${toMe}</forwarded></message>`,
    ],
  ])('sec:T-X-FROM-1 are ignored when they come %s', async (_what, xml) => {
    expect((await receive(xml)).events).toEqual([]);
  });
});

describe('the roster', () => {
  const push = (from: string): string =>
    `<iq ${from} id='push-1' type='set'><query xmlns='jabber:iq:roster'>` +
    `<item jid='eve@evil.example' subscription='both'/></query></iq>`;

  test('is changed by the own account', async () => {
    const { events, heard } = await receive(push(`from='${ME}'`) + push(''));
    expect(events.map(({ tag }) => tag)).toEqual(['roster-changed', 'roster-changed']);
    expect(heard).toMatch(/<iq [^>]*type="result"[^>]*id="push-1"|id="push-1"[^>]*type="result"/);
  });

  test.each([
    ['a contact', "from='bob@localhost/x'"],
    ['a stranger', "from='eve@evil.example'"],
    ['the own domain', "from='localhost'"],
    ['an own device', `from='${ME}/phone'`],
  ])('sec:T-X-FROM-2 is not changed by %s', async (_who, from) => {
    const { events, heard } = await receive(push(from));
    expect(events).toEqual([]);
    expect(heard).toContain('service-unavailable');
  });
});

describe('what nobody asked for', () => {
  test('sec:T-X-FROM-3 results of an archive are ignored', async () => {
    const result = (from: string): string =>
      `<message ${from}><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'>` +
      `<forwarded xmlns='urn:xmpp:forward:0'>${innerFrom('bob@localhost/x', ME)}</forwarded></result></message>`;
    expect((await receive(result('') + result("from='bob@localhost'"))).events).toEqual([]);
  });

  test('sec:T-X-FROM-4 events of other nodes are ignored', async () => {
    const event =
      "<message from='bob@localhost'><event xmlns='http://jabber.org/protocol/pubsub#event'>" +
      "<items node='http://jabber.org/protocol/mood'><item id='current'/></items></event><body>x</body></message>";
    expect((await receive(event)).events).toEqual([]);
  });

  test('a bounce is told by its condition, never by the text in it', async () => {
    const bounce =
      "<message from='bob@localhost/x' type='error' id='m-1'><body>?OTR:AAQ1.</body>" +
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>click here</text></error></message>";
    const { events } = await receive(bounce);
    expect(events).toEqual([
      {
        tag: 'bounced',
        forId: 'm-1',
        from: { bare: 'bob@localhost', full: 'bob@localhost/x' },
        condition: 'service-unavailable',
      },
    ]);
  });

  test('what we sent and gets back is marked as our own', async () => {
    const mirrored = `<message from='${DEVICE}' to='${DEVICE}' type='chat'><body>mirror</body></message>`;
    expect((await receive(mirrored)).events).toMatchObject([{ tag: 'message', own: true }]);
  });

  test('xep:X-02 xep:T-78 guide:R-03 rooms say nothing, in clear or of OTR, and invite nobody', async () => {
    const bodies = ['hello all', '?OTRv4?', '?OTR:AAQ1AAAA.', '?OTR Error: ERROR_2: x'];
    const said = bodies.map(
      (body) => `<message from='r@muc.example/n' type='groupchat'><body>${body}</body></message>`,
    );
    const invitation =
      "<message from='r@muc.example'><x xmlns='http://jabber.org/protocol/muc#user'>" +
      "<invite from='bob@localhost/x'><reason>come</reason></invite></x></message>" +
      "<message from='bob@localhost/x'><x xmlns='jabber:x:conference' jid='r@muc.example'/></message>";
    const presence = "<presence from='r@muc.example/n'/>";
    const { events, said: answers } = await receive(said.join('') + invitation + presence);
    expect(events).toEqual([]);
    expect(answers).not.toContain('muc.example');
  });

  test('messages of rooms, headlines and impossible senders are ignored', async () => {
    const body = '<body>x</body></message>';
    const xml =
      `<message from='r@muc.example/n' type='groupchat'>${body}` +
      `<message from='bob@localhost/x' type='headline'>${body}` +
      `<message from='localhost' type='chat'>${body}` +
      `<message from='@/' type='chat'>${body}` +
      `<message from='bob@localhost/x' to='carol@localhost' type='chat'>${body}`;
    expect((await receive(xml)).events).toEqual([]);
  });

  test('a stamp of another server, or of an impossible time, does not date a message', async () => {
    const stamped = (from: string, stamp: string): string =>
      `<message from='bob@localhost/x' type='chat'><body>old</body>` +
      `<delay xmlns='urn:xmpp:delay' from='${from}' stamp='${stamp}'/></message>`;
    const { events } = await receive(
      stamped('evil.example', '2020-01-01T00:00:00Z') +
        stamped('localhost', 'never') +
        stamped('localhost', '1970-01-01T00:00:00Z') +
        stamped('localhost', '9999-01-01T00:00:00Z') +
        stamped('localhost', '2024-05-06T07:08:09Z'),
    );
    const stamps = events.map((event) => (event.tag === 'message' ? event.delayedAt : 'other'));
    expect(stamps.slice(0, 3)).toEqual([undefined, undefined, Date.UTC(2010, 0, 1)]);
    expect(stamps[3]).toBeLessThanOrEqual(Date.now() + 86_400_000);
    expect(stamps[4]).toBe(Date.UTC(2024, 4, 6, 7, 8, 9));
  });
});

describe('questions of others', () => {
  const ask = (from: string, payload: string): string =>
    `<iq from='${from}' id='ask-1' type='get'>${payload}</iq>`;
  const DISCO = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
  const PING = "<ping xmlns='urn:xmpp:ping'/>";

  test.each([
    ['a stranger', 'eve@evil.example/x'],
    ['a contact who may not see us', 'carol@localhost/x'],
  ])('sec:T-X-LEAK-1 of %s are answered as if we were not there', async (_who, from) => {
    for (const payload of [DISCO, PING]) {
      const { heard } = await receive(ask(from, payload));
      const answer = heard.slice(heard.indexOf('ask-1') - 200);
      expect(answer).toContain('service-unavailable');
      expect(answer).not.toContain('Sotto');
    }
  });

  test('of a contact who sees us are answered, but never with version or time', async () => {
    const disco = await receive(ask('bob@localhost/x', DISCO));
    expect(disco.heard).toContain('category="client"');
    expect(disco.heard).toContain('name="Sotto"');
    expect(disco.heard).not.toContain('stanzajs');
    for (const payload of [
      "<query xmlns='jabber:iq:version'/>",
      "<time xmlns='urn:xmpp:time'/>",
      "<query xmlns='jabber:iq:last'/>",
    ]) {
      expect((await receive(ask('bob@localhost/x', payload))).heard).toContain(
        'service-unavailable',
      );
    }
  });

  test('chat states count of contacts, at once and by a device', async () => {
    const state = (from: string, more = '', name = 'composing', type = 'chat'): string =>
      `<message from='${from}' type='${type}'><${name} xmlns='http://jabber.org/protocol/chatstates'/>${more}</message>`;
    const delay = "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2024-05-06T07:08:09Z'/>";
    const { events } = await receive(
      state('eve@evil.example/x') +
        state('bob@localhost') +
        state('bob@localhost/x', delay) +
        state('bob@localhost/x', '', 'guessing') +
        state('bob@localhost/x', '', 'composing', 'headline') +
        state(DEVICE) +
        carbon(`from='${ME}'`, state('bob@localhost/x')) +
        state('bob@localhost/x', '<body>hi</body>', 'active'),
    );
    expect(events).toMatchObject([
      { tag: 'chat-state', from: 'bob@localhost/x', state: 'active' },
      { tag: 'message', body: 'hi' },
    ]);
  });

  test('a request for a receipt is not answered by itself', async () => {
    const xml =
      "<message from='bob@localhost/x' id='r-1' type='chat'><body>x</body>" +
      "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>";
    const { events, heard } = await receive(xml);
    expect(events).toMatchObject([{ tag: 'message', receiptRequested: true }]);
    expect(heard).not.toContain('r-1');
  });
});

describe('presence', () => {
  test('of strangers is ignored; they may ask to become contacts', async () => {
    const { events } = await receive(
      "<presence from='eve@evil.example/x'/>" +
        `<presence from='eve@evil.example' type='subscribe'><status>${'y'.repeat(400)}</status></presence>`,
    );
    expect(events).toEqual([
      { tag: 'subscription', from: 'eve@evil.example', step: 'requested', text: 'y'.repeat(300) },
    ]);
  });

  test.each(['session:started', '--transport-disconnected', 'disconnected', 'probe', 'error'])(
    'cannot be used to raise the internal event %s',
    async (type) => {
      const { events } = await receive(`<presence from='bob@localhost/x' type='${type}'/>`);
      expect(events).toEqual([]);
    },
  );
});

test('a server that binds the address of somebody else gets no session', async () => {
  const events = await ending(afterLogin('', { address: 'eve@localhost/desk', roster: ROSTER }));
  expect(events.map(({ tag }) => tag)).not.toContain('session');
  expect(events).toContainEqual({
    tag: 'connection',
    state: expect.objectContaining({ reason: 'not-xmpp' }) as unknown,
  });
});

describe('a stanza that cannot be read', () => {
  const big = 'x'.repeat(200 * 1024);
  const many = Array.from({ length: 65 }, (_, index) => ` a${String(index)}=''`).join('');
  test.each([
    ['1', 'is too big', `<body>${big}</body><b>${big}</b>`],
    ['2', 'is too deep', '<a>'.repeat(70) + '</a>'.repeat(70)],
    ['9', 'has a reference to a forbidden character', '<body>&#0;</body>'],
    ['11', 'has too many elements', '<a/>'.repeat(5000)],
    ['12', 'has too many attributes', `<a${many}/>`],
    ['13', 'has a name that is too long', `<${'n'.repeat(300)}/>`],
    ['14', 'has a text that is too long', `<body>${'x'.repeat(193 * 1024)}</body>`],
  ])('sec:T-X-XML-%s is read over when it %s', async (_id, _what, xml) => {
    const message = `<message from='bob@localhost/x' type='chat'><body>x</body>${xml}</message>`;
    expect((await receive(message)).events).toEqual([]);
  });

  test('sec:T-X-XML-15 is not read over for ever', async () => {
    const endless = `<message from='bob@localhost/x'><body>${'x'.repeat(1100 * 1024)}`;
    const events = await ending(afterLogin(endless, { roster: ROSTER }));
    expect(events).toContainEqual({
      tag: 'connection',
      state: expect.objectContaining({ reason: 'not-xmpp' }) as unknown,
    });
  });

  test.each([
    ['bad JSON', "<json xmlns='urn:xmpp:json:0'>{</json>"],
    ['a stamp without time', "<delay xmlns='urn:xmpp:delay' from='localhost'/>"],
    ['a copy of nothing', "<received xmlns='urn:xmpp:carbons:2'/>"],
    ['an error without a cause', '<error/>'],
  ])('does not end the line, which would deliver it again and again: %s', async (_what, xml) => {
    for (const from of [ME, 'bob@localhost/x', 'eve@evil.example/x']) {
      const { events } = await receive(`<message from='${from}' type='chat'>${xml}</message>`);
      expect(events).toEqual([]);
    }
  });
});

describe('XML that no honest server sends ends the line', () => {
  test.each([
    ['3', 'a document type', "<!DOCTYPE x [<!ENTITY e 'ha'>]><message><body>&e;</body></message>"],
    ['4', 'an entity of its own', '<message><body>&e;</body></message>'],
    ['5', 'a comment', '<message><!-- --><body/></message>'],
    ['6', 'a processing instruction', '<message><?php ?></message>'],
    ['7', 'a character that XML forbids', '<message><body>\u0001</body></message>'],
    ['8', 'a prefix that is not bound', '<message><x:body/></message>'],
  ])('sec:T-X-XML-%s %s', async (_id, _what, xml) => {
    const events = await ending(afterLogin(xml + MARK, { roster: ROSTER }));
    expect(events.filter(({ tag }) => tag === 'message')).toEqual([]);
    expect(events).toContainEqual({
      tag: 'connection',
      state: expect.objectContaining({ tag: 'waiting', reason: 'not-xmpp' }) as unknown,
    });
  });

  test('sec:T-X-XML-10 bytes that are not UTF-8', async () => {
    const events = await ending(async (peer) => {
      await openSession(peer, { roster: ROSTER });
      peer.sendBytes(Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf]));
    });
    expect(events).toContainEqual({
      tag: 'connection',
      state: expect.objectContaining({ reason: 'not-xmpp' }) as unknown,
    });
  });

  test('a stream error tells why', async () => {
    const error = (condition: string): string =>
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
    const events = await ending(afterLogin(error('system-shutdown')));
    expect(events).toContainEqual({
      tag: 'connection',
      state: expect.objectContaining({ reason: 'server-closed' }) as unknown,
    });
  });
});
