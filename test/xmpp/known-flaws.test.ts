// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, startTls } from '../support/rogue-scripts.ts';
import type { RoguePeer } from '../support/rogue-server.ts';
import { jid } from './parties.ts';
import { carbon, innerFrom, MARK, ME, ROSTER, RogueTalk } from './rogue-talk.ts';

/** What others got wrong, and were told (security-and-reliability §7.2): each once, against us. */

let talk: RogueTalk;
beforeAll(async () => {
  talk = await RogueTalk.open();
});
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
});

const toMe = innerFrom('bob@localhost/x', `${ME}/phone`);
const fromMe = innerFrom(`${ME}/phone`, 'bob@localhost/x');
const idOf = (request: string): string => /id=["']([^"']*)["']/.exec(request)?.[1] ?? '';

describe('copies of messages', () => {
  test.each([
    ['CVE-2017-5589', 'from a stranger', carbon("from='eve@evil.example/x'", toMe)],
    ['CVE-2019-16235', 'from a contact', carbon("from='bob@localhost/x'", fromMe, 'sent')],
    ['CVE-2020-26547', 'from the bare address of a contact', carbon("from='bob@localhost'", toMe)],
    ['T-X-FROM-1', 'from our address in capitals', carbon("from='ALICE@LOCALHOST'", toMe)],
    ['T-X-FROM-1', 'from our address with an empty device', carbon(`from='${ME}/'`, toMe)],
    ['T-X-FROM-1', 'from our name at another domain', carbon("from='alice@evil.example'", toMe)],
    [
      'T-X-FROM-1',
      'of a message from somebody to somebody else, both directions at once',
      `<message from='bob@localhost'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${fromMe}</forwarded></sent>` +
        `<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${toMe}</forwarded></received></message>`,
    ],
    [
      'T-X-FROM-1',
      'of something that is itself out of an archive',
      carbon(
        `from='${ME}'`,
        `<message xmlns='jabber:client' from='${ME}' to='${ME}/phone'><result xmlns='urn:xmpp:mam:2' id='1'>` +
          `<forwarded xmlns='urn:xmpp:forward:0'>${toMe}</forwarded></result><body>x</body></message>`,
      ),
    ],
    [
      'Converse-5.0.2',
      'of a room',
      carbon(`from='${ME}'`, innerFrom('room@muc.example/n', ME, 'groupchat')),
    ],
    [
      'Converse-5.0.3',
      'as something that is merely wrapped',
      `<message from='bob@localhost/x' type='chat'><body>x</body><forwarded xmlns='urn:xmpp:forward:0'>${toMe}</forwarded></message>`,
    ],
  ])('sec:%s count for nothing %s', async (_id, _what, xml) => {
    expect((await talk.receive(xml)).events).toEqual([]);
  });
});

describe('answers', () => {
  /** Answers the request for the roster in somebody else's name, and then truly. */
  const forgedRoster = (from: string): ((peer: RoguePeer) => Promise<void>) => {
    return async (peer) => {
      await startTls(peer);
      await openSession(peer, {
        before: (request) =>
          request.includes('jabber:iq:roster')
            ? `<iq type='result' id='${idOf(request)}' from='${from}'><query xmlns='jabber:iq:roster'>` +
              `<item jid='eve@evil.example' subscription='both'/></query></iq>`
            : '',
        roster: ROSTER,
      });
      peer.send(MARK);
    };
  };

  test.each([
    ['CVE-2019-16236', 'bob@localhost/x'],
    ['CVE-2014-0364', 'eve@evil.example'],
    ['CVE-2013-6483', 'bob@localhost'],
  ])('sec:%s sec:T-X-FROM-2 of %s to a question to our server are none', async (_id, from) => {
    const { roster } = await talk.meet(forgedRoster(from));
    expect(roster.map((item) => item.jid)).toEqual(['bob@localhost', 'carol@localhost']);
  });

  test('sec:CVE-2013-6483 about the devices of one contact come from that contact alone', async () => {
    const list = (tag: string): string =>
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:otr:1:devices'>" +
      `<item id='current'><devices xmlns='urn:xmpp:otr:1'><device id='${tag}'/></devices></item></items></pubsub>`;
    const answers: unknown[] = [];
    await talk.talk(
      async (peer) => {
        const [request] = await peer.expect(/<iq [^>]*to="bob@localhost".*?<\/iq>/s);
        const answer = (from: string, tag: string): string =>
          `<iq type='result' id='${idOf(request)}' ${from}>${list(tag)}</iq>`;
        peer.send(answer("from='eve@evil.example'", '00000eee'));
        peer.send(answer("from='carol@localhost'", '00000ccc'));
        peer.send(answer("from='bob@localhost'", '00000bbb'));
        peer.send(MARK);
      },
      {},
      async ({ client }) => {
        answers.push(await client.fetchDevices(jid('bob@localhost')));
      },
    );
    expect(answers).toEqual([{ tag: 'list', devices: [{ tag: 0xbbb, label: undefined }] }]);
  });

  test('are asked for under names that nobody can guess', async () => {
    const { heard } = await talk.receive('');
    const ids = [...heard.matchAll(/<iq [^>]*id="([^"]*)"/g)].map(([, id]) => id ?? '');
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('events of nodes', () => {
  const event = (from: string, node: string): string =>
    `<message ${from}><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='${node}'>` +
    "<item id='current'><devices xmlns='urn:xmpp:otr:1'><device id='00000eee'/></devices></item></items></event></message>";

  test.each([
    ['CVE-2023-28686', 'a stranger', event("from='eve@evil.example'", 'urn:xmpp:bookmarks:1')],
    ['CVE-2023-28686', 'a contact', event("from='bob@localhost'", 'urn:xmpp:bookmarks:1')],
    ['T-X-FROM-4', 'a stranger', event("from='eve@evil.example'", 'urn:xmpp:otr:1:devices')],
    ['T-X-FROM-4', 'a device', event("from='bob@localhost/x'", 'urn:xmpp:otr:1:devices')],
    ['T-X-FROM-4', 'the domain', event("from='localhost'", 'urn:xmpp:otr:1:devices')],
  ])('sec:%s that are not their own count for nothing: %s', async (_id, _who, xml) => {
    expect((await talk.receive(xml)).events).toEqual([]);
  });

  test('xep:S-02 sec:CVE-2018-6591 we publish only where the access that we ask for is granted', async () => {
    const outcomes: unknown[] = [];
    const refused =
      "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>" +
      "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/></error>";
    const { said } = await talk.talk(
      async (peer) => {
        for (const pattern of [
          /<iq .*?<publish-options.*?<\/iq>/s,
          /<iq .*?<configure.*?<\/iq>/s,
        ]) {
          const [request] = await peer.expect(pattern);
          peer.send(`<iq type='error' id='${idOf(request)}'>${refused}</iq>`);
        }
        peer.send(MARK);
      },
      {},
      async ({ client }) => {
        outcomes.push(await client.publishDevices([{ tag: 0x1000, label: undefined }]));
      },
    );
    expect(outcomes).toEqual([{ tag: 'refused', condition: 'conflict' }]);
    expect(said.match(/<publish /g)).toHaveLength(1);
    const options = /<publish-options>.*<\/publish-options>/s.exec(said)?.[0] ?? '';
    const asked = [...options.matchAll(/<field [^>]*var="([^"]*)"[^>]*><value>([^<]*)</g)];
    expect(asked.map(([, name, value]) => [name, value])).toEqual([
      ['FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options'],
      ['pubsub#access_model', 'open'],
    ]);
  });
});

describe('messages about messages', () => {
  test('sec:CVE-2022-39835 a correction is a message of its own, whoever sends it, and changes none', async () => {
    const message = (from: string, id: string, corrects?: string): string =>
      `<message from='${from}' id='${id}' type='chat'><body>${id}</body>` +
      (corrects === undefined
        ? ''
        : `<replace xmlns='urn:xmpp:message-correct:0' id='${corrects}'/>`) +
      '</message>';
    const { events } = await talk.receive(
      message('bob@localhost/x', 'first') +
        message('bob@localhost/x', 'second', 'first') +
        message('carol@localhost/x', 'third', 'first'),
    );
    expect(
      events.map((event) => event.tag === 'message' && [event.from.bare, event.id, event.body]),
    ).toEqual([
      ['bob@localhost', 'first', 'first'],
      ['bob@localhost', 'second', 'second'],
      ['carol@localhost', 'third', 'third'],
    ]);
    expect(JSON.stringify(events)).not.toMatch(/correct|replace/);
  });

  test('sec:CVE-2021-33896 sec:T-U-PATH no file is taken from anybody, so no name of one is', async () => {
    const name = '../../.config/autostart/evil.desktop';
    const offers = [
      `<si xmlns='http://jabber.org/protocol/si' id='s'><file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='${name}' size='1'/></si>`,
      `<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'><content creator='initiator' name='f'><description xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file><name>${name}</name></file></description></content></jingle>`,
      "<open xmlns='http://jabber.org/protocol/ibb' block-size='4096' sid='s'/>",
      `<query xmlns='jabber:iq:oob'><url>file:///${name}</url></query>`,
    ];
    const from = "from='bob@localhost/x'";
    const questions = offers.map(
      (offer, n) => `<iq ${from} type='set' id='file-${String(n)}'>${offer}</iq>`,
    );
    const beside = `<message ${from} type='chat'><body>see</body><x xmlns='jabber:x:oob'><url>file:///${name}</url></x></message>`;
    const { events, said } = await talk.receive(questions.join('') + beside);
    expect(events).toMatchObject([{ tag: 'message', body: 'see' }]);
    expect(JSON.stringify(events)).not.toContain('evil.desktop');
    for (const [n] of offers.entries()) {
      const answer = new RegExp(`<iq [^>]*id="file-${String(n)}".*?</iq>`, 's').exec(said)?.[0];
      expect(answer).toMatch(/type="error"/);
    }
  });

  test('sec:CVE-2022-22784 what we write is one message to every reader, whatever is typed', async () => {
    const hostile = [
      "</body></message><message to='eve@evil.example'><body>smuggled",
      '<![CDATA[x]]> ]]> &amp; &#60; <!-- --> <?xml?>',
      '\' " > \u00e4 \ud83d\ude42 \u2028 \ufffe \u0000 \ud800',
    ];
    const { said } = await talk.talk(
      async (peer) => {
        await peer.expect(/(?:<message .*?<\/message>.*?){3}/s);
        peer.send(MARK);
      },
      {},
      async ({ client }) => {
        for (const body of hostile) {
          client.sendChat({ to: jid('bob@localhost'), body, id: 'm', requestReceipt: false });
        }
        await Promise.resolve();
      },
    );
    expect(said.match(/<message[ >]/g)).toHaveLength(hostile.length);
    const bodies = [...said.matchAll(/<body>([^<>]*)<\/body>/g)].map(([, body = '']) => body);
    const read = (text: string): string =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&apos;', "'")
        .replaceAll('&amp;', '&');
    const sent = hostile.map((text) =>
      text.replace('\ufffe \u0000 \ud800', '\ufffd \ufffd \ufffd'),
    );
    expect(bodies.map(read)).toEqual(sent);
    expect(said).not.toContain(']]>');
  });
});

describe('dates', () => {
  test('sec:CVE-2013-6477 that nobody can have meant neither crash nor move a message', async () => {
    const stamps = [
      '9999-12-31T23:59:59Z',
      '-271821-04-20T00:00:00Z',
      '+275760-09-13T00:00:00Z',
      '0000-00-00T00:00:00Z',
      '1e15',
      '-1000000000000000',
      'NaN',
      '99999999999999999999999-01-01T00:00:00Z',
      '',
    ];
    const xml = stamps
      .map(
        (stamp) =>
          `<message from='bob@localhost/x' type='chat'><body>dated</body><delay xmlns='urn:xmpp:delay' from='localhost' stamp='${stamp}'/></message>`,
      )
      .join('');
    const { events } = await talk.receive(xml);
    expect(events).toHaveLength(stamps.length);
    for (const event of events) {
      const at = event.tag === 'message' ? (event.delayedAt ?? Date.now()) : Number.NaN;
      expect(at).toBeGreaterThanOrEqual(Date.UTC(2010, 0, 1));
      expect(at).toBeLessThanOrEqual(Date.now() + 86_400_000);
    }
  });
});

describe('before anybody has proved anything', () => {
  const LOL = "<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
  test.each([
    [
      'CVE-2022-0217',
      'entities in front of the stream',
      `${LOL}<stream:stream xmlns='jabber:client'>`,
    ],
    ['CVE-2021-32918', 'a header without an end', `<stream:stream ${"a='b' ".repeat(60_000)}`],
    ['CVE-2021-32918', 'white space without an end', ' '.repeat(300_000)],
  ])('sec:%s %s ends the line', async (_id, _what, xml) => {
    const events = await talk.ending(async (peer) => {
      await peer.expect(/<stream:stream [^>]*>/);
      peer.send(xml);
    });
    expect(events).toContainEqual({
      tag: 'connection',
      state: expect.objectContaining({ tag: 'waiting', reason: 'not-xmpp' }) as unknown,
    });
  });

  test('sec:XEP-0138 compression is never asked for, whoever offers it', async () => {
    const { heard } = await talk.receive('', {
      features:
        "<compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>",
    });
    expect(heard).not.toContain('compress');
  });
});

describe('what strangers learn', () => {
  const from = "from='eve@evil.example/x'";
  test('sec:T-X-LEAK-1 is nothing, whatever they ask in whatever form', async () => {
    const payloads = [
      "<query xmlns='jabber:iq:version'/>",
      "<query xmlns='jabber:iq:last'/>",
      "<time xmlns='urn:xmpp:time'/>",
      "<ping xmlns='urn:xmpp:ping'/>",
      "<query xmlns='http://jabber.org/protocol/disco#info'/>",
      "<query xmlns='http://jabber.org/protocol/disco#items'/>",
      "<vCard xmlns='vcard-temp'/>",
      "<query xmlns='jabber:iq:roster'/>",
      "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'/>",
      "<query xmlns='jabber:iq:register'/>",
    ];
    const questions = ['get', 'set'].flatMap((type) =>
      payloads.map(
        (payload, n) => `<iq ${from} type='${type}' id='${type}-${String(n)}'>${payload}</iq>`,
      ),
    );
    const others =
      `<presence ${from} type='probe'/><presence ${from}/><presence ${from} type='subscribe'/>` +
      `<message ${from} id='m' type='chat'><body>there?</body><request xmlns='urn:xmpp:receipts'/>` +
      "<markable xmlns='urn:xmpp:chat-markers:0'/><active xmlns='http://jabber.org/protocol/chatstates'/></message>";
    const { said } = await talk.receive(questions.join('') + others);
    const answers = said.match(/<iq [^>]*to="eve@evil.example\/x".*?<\/iq>/gs) ?? [];
    const shapes = new Set(answers.map((answer) => answer.replaceAll(/ id="[^"]*"/g, '')));
    expect(answers).toHaveLength(questions.length);
    expect([...shapes]).toHaveLength(1);
    expect([...shapes][0]).toContain('service-unavailable');
    const rest = answers.reduce((text, answer) => text.replace(answer, ''), said);
    expect(rest).not.toContain('eve@');
  });
});
