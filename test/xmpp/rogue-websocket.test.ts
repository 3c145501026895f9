// SPDX-License-Identifier: GPL-3.0-or-later

import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toClosedFailure } from '#main/xmpp/transport/failure.ts';
import type { ConnectionFailure } from '#main/xmpp/wire.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import { formatMechanisms, login, openSession } from '../support/rogue-scripts.ts';
import {
  formatFrame,
  type Handshake,
  opcodes,
  type RogueWebSocketPeer,
  RogueWebSocketServer,
  type WebSocketScript,
} from '../support/rogue-websocket.ts';
import { configure, Party } from './parties.ts';

const FRAMING = "xmlns='urn:ietf:params:xml:ns:xmpp-framing'";
const KIB = 1024;
let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create();
  keys = await authority.issue({ names: ['DNS:localhost'] });
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

function visitor(url: string): Party {
  const place = { host: 'localhost', port: 1, certificatePem: authority.certificate };
  const endpoint = { tag: 'websocket', url } as const;
  return new Party(configure(place, 'alice@localhost', undefined, { endpoint }));
}

interface Meeting {
  readonly reason: ConnectionFailure;
  readonly heard: string;
  readonly request: string;
}

/** Lets a client come to a server that plays the script, and tells how it left. */
async function meet(
  script: WebSocketScript,
  handshake?: Handshake,
  own: KeyPair = keys,
): Promise<Meeting> {
  await using rogue = await RogueWebSocketServer.start(own, script, handshake);
  const reason = await visitor(rogue.url).refusal();
  return { reason, heard: rogue.heard, request: rogue.peers[0]?.request ?? '' };
}

const note = (body: string): string =>
  `<message from='bob@localhost/x' to='alice@localhost'><body>${body}</body></message>`;

const nothing: WebSocketScript = () => Promise.resolve();

describe('the handshake', () => {
  test('the honest script gets through, so that the refusals below mean something', async () => {
    await using rogue = await RogueWebSocketServer.start(keys, async (peer) => {
      await openSession(peer);
      peer.send(note('hello'));
    });
    const party = await visitor(rogue.url).online();
    expect(await party.see('message')).toMatchObject({ body: 'hello' });
    expect(rogue.peers[0]?.request).toMatch(/sec-websocket-protocol: xmpp\r?$/im);
    await party.client.disconnect();
  });

  const cases: readonly [string, Handshake, ConnectionFailure][] = [
    ['another subprotocol', { subprotocol: 'mqtt' }, 'not-xmpp'],
    ['no subprotocol', { subprotocol: undefined }, 'not-xmpp'],
    [
      'compression that nobody asked for',
      { extraHeader: 'Sec-WebSocket-Extensions: permessage-deflate' },
      'not-xmpp',
    ],
    ['a page that is not there', { refuse: '404 Not Found' }, 'not-xmpp'],
    ['a demand for a password', { refuse: '401 Unauthorized' }, 'not-xmpp'],
    ['a server that is down behind a proxy', { refuse: '502 Bad Gateway' }, 'server-busy'],
  ];
  test.each(cases)('sec:T-X-WS-1 %s is refused', async (_what, handshake, expected) => {
    const { reason, heard, request } = await meet(openSession, handshake);
    expect({ reason, heard }).toEqual({ reason: expected, heard: '' });
    expect(request).not.toMatch(/sec-websocket-extensions/i);
  });

  test('sec:T-X-WS-2 a redirect is not followed', async () => {
    await using other = await RogueWebSocketServer.start(keys, openSession);
    const refuse = `302 Found\r\nLocation: ${other.url}`;
    expect(await meet(nothing, { refuse })).toMatchObject({ reason: 'not-xmpp' });
    expect(other.peers).toEqual([]);
  });

  test('sec:T-X-TLS-3 without TLS nothing is even dialled', async () => {
    let guests = 0;
    const server = createServer(() => (guests += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await visitor(`ws://localhost:${String(port)}/xmpp`).refusal()).toBe('no-such-host');
    expect(guests).toBe(0);
    server.close();
  });

  test('sec:T-X-CERT-1 the certificate has to be for the host in the address', async () => {
    const other = await authority.issue({ names: ['DNS:other.example'] });
    expect(await meet(openSession, {}, other)).toMatchObject({ reason: 'tls-name', request: '' });
    await using stranger = await TestAuthority.create();
    const unknown = await stranger.issue({ names: ['DNS:localhost'] });
    expect(await meet(openSession, {}, unknown)).toMatchObject({ reason: 'tls-untrusted' });
  });
});

describe('frames that are no XMPP end the connection', () => {
  const send =
    (frame: Uint8Array | string): WebSocketScript =>
    async (peer) => {
      await peer.expect(/<open [^>]*>/);
      peer.send(`<open ${FRAMING} from='localhost' id='s1' version='1.0'/>`);
      if (typeof frame === 'string') peer.sendRaw(formatFrame(opcodes.text, frame));
      else peer.sendRaw(frame);
    };
  const features = `<stream:features xmlns:stream='http://etherx.jabber.org/streams'>${formatMechanisms(['SCRAM-SHA-256'])}</stream:features>`;
  const cases: readonly [string, Uint8Array | string][] = [
    ['text behind the element', `${features}and more`],
    ['an empty frame', ''],
    ['a prefix that the frame does not declare', '<stream:features/>'],
    ['a byte order mark', `\ufeff${features}`],
    ['bytes that are not UTF-8', formatFrame(opcodes.text, Buffer.from([0x3c, 0x61, 0xff]))],
    ['binary data', formatFrame(opcodes.binary, features)],
    ['a continuation of nothing', formatFrame(opcodes.continuation, features)],
    ['a compressed frame', Buffer.from([0xc1, 0x01, 0x00])],
    ['a masked frame', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x3c])],
  ];
  test.each(cases)('sec:T-X-WS-3 %s', async (_what, frame) => {
    const { reason, heard } = await meet(send(frame));
    expect(reason).toBe('not-xmpp');
    expect(heard).not.toContain('<auth');
  });

  test('sec:T-X-WS-4 a frame beyond all limits is not even waited for', async () => {
    const head = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0x10, 0x00, 0x01]);
    expect(await meet(send(head))).toMatchObject({ reason: 'not-xmpp' });
  });

  test('sec:T-X-WS-5 a frame in more pieces than anybody needs', async () => {
    const pieces = Array.from({ length: 1100 }, (_, index) =>
      formatFrame(index === 0 ? opcodes.text : opcodes.continuation, 'x', false),
    );
    expect(await meet(send(Buffer.concat(pieces)))).toMatchObject({ reason: 'not-xmpp' });
  });

  test('sec:T-X-SASL-14 stanzas before the login', async () => {
    expect(
      await meet(send(note('early').replace('<message', "<message xmlns='jabber:client'"))),
    ).toMatchObject({
      reason: 'not-xmpp',
    });
  });
});

describe('how the server ends the stream', () => {
  const ending =
    (xml: string): WebSocketScript =>
    async (peer) => {
      await peer.expect(/<open [^>]*>/);
      peer.send(`<open ${FRAMING} from='localhost' id='s1' version='1.0'/>`);
      peer.send(xml);
    };
  const error = (condition: string): string =>
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>" +
    `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;

  test('a framed stream error is told in our words', async () => {
    expect(await meet(ending(error('host-unknown')))).toMatchObject({ reason: 'unknown-domain' });
    expect(await meet(ending(error('system-shutdown')))).toMatchObject({ reason: 'server-closed' });
  });

  test('sec:T-X-WS-7 nobody is followed to another server', async () => {
    await using other = await RogueWebSocketServer.start(keys, openSession);
    const close = `<close ${FRAMING} see-other-uri='${other.url}'/>`;
    expect(await meet(ending(close))).toMatchObject({ reason: 'server-closed' });
    const host = error('see-other-host').replace(
      "streams'/>",
      `streams'>${other.url}</see-other-host>`,
    );
    expect(await meet(ending(host))).toMatchObject({ reason: 'server-closed' });
    expect(other.peers).toEqual([]);
  });

  test('a goodbye is answered', async () => {
    const answered = Promise.withResolvers<undefined>();
    await using rogue = await RogueWebSocketServer.start(keys, async (peer) => {
      await ending(`<close ${FRAMING}/>`)(peer);
      await peer.expect(/<close [^>]*>/);
      answered.resolve(undefined);
    });
    expect(await visitor(rogue.url).refusal()).toBe('server-closed');
    await answered.promise;
  });

  test.each<[number, ConnectionFailure]>([
    [1000, 'server-closed'],
    [1001, 'server-closed'],
    [1002, 'not-xmpp'],
    [1006, 'lost'],
    [1008, 'not-allowed'],
    [1009, 'not-xmpp'],
    [1011, 'server-busy'],
    [1012, 'server-busy'],
    [1013, 'server-busy'],
    [4000, 'lost'],
  ])('the status code %i is told as %s', (status, reason) => {
    expect(toClosedFailure(status)).toBe(reason);
  });

  test('a status code ends the line at once', async () => {
    const script: WebSocketScript = async (peer) => {
      await peer.offer(formatMechanisms(['SCRAM-SHA-256']));
      await peer.expect(/<auth /);
      peer.sendRaw(formatFrame(opcodes.close, Buffer.from([0x03, 0xf4])));
    };
    expect(await meet(script)).toMatchObject({ reason: 'server-busy' });
  });
});

describe('a contact who sends too much', () => {
  const after =
    (act: (peer: RogueWebSocketPeer) => void): WebSocketScript =>
    async (peer) => {
      await openSession(peer);
      act(peer);
      peer.send(note('still here'));
    };

  async function received(act: (peer: RogueWebSocketPeer) => void): Promise<readonly string[]> {
    await using rogue = await RogueWebSocketServer.start(keys, after(act));
    const party = await visitor(rogue.url).online();
    await party.see('message', ({ body }) => body === 'still here');
    await party.client.disconnect();
    return party.all('message').map(({ body }) => body);
  }

  const stuffed = (inner: string): string =>
    note('stuffed').replace('</message>', `${inner}</message>`);
  const nested = (levels: number): string => stuffed('<a>'.repeat(levels) + '</a>'.repeat(levels));

  test.each<[string, string]>([
    ['a frame over 256 KiB', stuffed(`<b>${'z'.repeat(90 * KIB)}</b>`.repeat(3))],
    ['too many levels', nested(64)],
    ['too many elements', stuffed('<a/>'.repeat(4100))],
    ['a text that is too long', note('y'.repeat(193 * KIB))],
    [
      'a message outside our namespace',
      note('foreign').replace('<message', "<message xmlns='urn:example:foreign'"),
    ],
  ])('sec:T-X-XML-1 %s is read past, and the line goes on', async (_what, xml) => {
    const raw = xml.includes('urn:example')
      ? xml
      : xml.replace('<message', "<message xmlns='jabber:client'");
    const bodies = await received((peer) => {
      peer.sendRaw(formatFrame(opcodes.text, raw));
    });
    expect(bodies).toEqual(['still here']);
  });

  test('what is just within the limits is read', async () => {
    const bodies = await received((peer) => {
      peer.send(nested(63));
      peer.send(note('y'.repeat(192 * KIB)));
    });
    expect(bodies.map((body) => body.length)).toEqual([
      'stuffed'.length,
      192 * KIB,
      'still here'.length,
    ]);
  });

  test('a message in a few pieces, with a ping between them, is one message', async () => {
    const bodies = await received((peer) => {
      const xml = Buffer.from(
        note('in pieces').replace('<message', "<message xmlns='jabber:client'"),
      );
      peer.sendRaw(formatFrame(opcodes.text, xml.subarray(0, 20), false));
      peer.sendRaw(formatFrame(opcodes.ping, 'p'));
      peer.sendRaw(formatFrame(opcodes.continuation, xml.subarray(20, 30), false));
      peer.sendRaw(formatFrame(opcodes.continuation, xml.subarray(30)));
    });
    expect(bodies).toEqual(['in pieces', 'still here']);
  });
});

test('sec:T-X-SASL-2 over WebSocket too, the server has to prove that it knows the password', async () => {
  expect(await meet((peer) => login(peer, { password: 'a guess' }))).toMatchObject({
    reason: 'server-not-proved',
  });
  expect(await meet((peer) => login(peer, { skipChallenge: true }))).toMatchObject({
    reason: 'server-not-proved',
  });
});
