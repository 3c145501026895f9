// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FetchedPrekeyServers } from '#main/xmpp/client.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { DEVICE } from '../support/rogue-scripts.ts';
import type { RoguePeer } from '../support/rogue-server.ts';
import { carbon, MARK, ME, RogueTalk } from './rogue-talk.ts';

const DISCO = 'http://jabber.org/protocol/disco';
const UPPER = 'AB'.repeat(56);
const LOWER = 'cd'.repeat(56);
const FEATURE = "<feature var='http://jabber.org/protocol/otrv4-prekey-server'/>";
const IDENTITY = "<identity category='auth' type='otr-prekey'/>";
const GENERIC = "<identity category='component' type='generic' name='Prekey server'/>";

let talk: RogueTalk;
beforeAll(async () => {
  talk = await RogueTalk.open();
});
afterAll(async () => {
  await talk[Symbol.asyncDispose]();
});

interface Service {
  readonly info: string;
  readonly items?: string;
}

const item = (jid: string, name: string): string =>
  `<item jid='${jid}' node='fingerprint' name='${name}'/>`;
const keyed = (items: string): Service => ({ info: GENERIC + IDENTITY + FEATURE, items });

/** Answers questions about services until the last one is answered. */
async function answer(
  peer: RoguePeer,
  services: Readonly<Record<string, Service>>,
  questions: number,
): Promise<readonly string[]> {
  const asked: string[] = [];
  for (let count = 0; count < questions; count += 1) {
    const [text] = await peer.expect(/<iq [^>]*><query xmlns="[^"]*disco#(?:items|info)"/);
    const of = (name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1] ?? '';
    const kind = text.includes('#info') ? 'info' : 'items';
    const [id, to] = [of('id'), of('to')];
    asked.push(`${kind} ${to}`);
    const content = services[to]?.[kind] ?? '';
    peer.send(
      `<iq type='result' id='${id}' from='${to}' to='${DEVICE}'>` +
        `<query xmlns='${DISCO}#${kind}'>${content}</query></iq>`,
    );
  }
  return asked;
}

async function search(services: Readonly<Record<string, Service>>, questions: number) {
  const heard: { asked: readonly string[]; found?: FetchedPrekeyServers } = { asked: [] };
  await talk.talk(
    async (peer) => {
      heard.asked = await answer(peer, services, questions);
      peer.send(MARK);
    },
    {},
    async (party) => {
      heard.found = await party.client.fetchPrekeyServers('localhost');
    },
  );
  return heard;
}

describe('the prekey servers of a domain', () => {
  test('pks:T-47 xep:X-15 xep:X-16 xep:X-17 xep:S-10 are those of all its services that say so in both ways', async () => {
    const services = {
      localhost: {
        info: '',
        items:
          "<item jid='rooms.localhost'/><item jid='half.localhost' name='Prekey server'/>" +
          "<item jid='prekey.localhost'/><item jid='other.localhost'/>" +
          "<item jid='bob@localhost'/><item jid='rooms.localhost' node='x'/>",
      },
      'rooms.localhost': { info: GENERIC },
      'half.localhost': { info: GENERIC + FEATURE },
      'other.localhost': { info: IDENTITY },
      'prekey.localhost': keyed(item('prekey.localhost', UPPER)),
    };
    const { asked, found } = await search(services, 6);
    const infos = ['rooms', 'half', 'prekey', 'other'].map((name) => `info ${name}.localhost`);
    expect([...asked].sort()).toEqual(
      ['items localhost', 'items prekey.localhost', ...infos].sort(),
    );
    expect(found).toEqual({
      tag: 'list',
      servers: [{ jid: 'prekey.localhost', fingerprint: UPPER }],
    });
  });

  test('pks:T-49 xep:X-18 xep:X-19 xep:X-20 xep:S-11 count only with one sound fingerprint of their own', async () => {
    const names = ['none', 'short', 'lower', 'twice', 'foreign', 'sound'];
    const services: Record<string, Service> = {
      localhost: { info: '', items: names.map((name) => `<item jid='${name}.x'/>`).join('') },
      'none.x': keyed("<item jid='none.x'/>"),
      'short.x': keyed(item('short.x', UPPER.slice(2))),
      'lower.x': keyed(item('lower.x', LOWER)),
      'twice.x': keyed(item('twice.x', UPPER) + item('twice.x', UPPER)),
      'foreign.x': keyed(item('other.x', UPPER)),
      'sound.x': keyed(item('sound.x', UPPER)),
    };
    const { found } = await search(services, 13);
    expect(found).toEqual({
      tag: 'list',
      servers: [
        { jid: 'lower.x', fingerprint: LOWER.toUpperCase() },
        { jid: 'sound.x', fingerprint: UPPER },
      ],
    });
  });

  test('a domain with a thousand services is asked about some of them', async () => {
    const items = Array.from({ length: 1000 }, (_, n) => `<item jid='s${String(n)}.x'/>`).join('');
    const { asked, found } = await search({ localhost: { info: '', items } }, 49);
    expect(asked).toHaveLength(49);
    expect(found).toEqual({ tag: 'list', servers: [] });
  });
});

/** What a client hears after it has written to `prekey.localhost`. */
async function hear(xml: string) {
  return talk.talk(
    async (peer) => {
      await peer.expect(/AAQ1\.<\/body>/);
      peer.send(xml + MARK);
    },
    {},
    (party) => {
      party.client.sendPrekey({ to: 'prekey.localhost', body: 'AAQ1.', id: 'i' });
      return Promise.resolve();
    },
  );
}

const say = (from: string, more = '', type = 'normal', body = 'AAQ2.'): string =>
  `<message from='${from}' to='${DEVICE}' type='${type}' id='x'><body>${body}</body>${more}</message>`;
const isPrekey = ({ tag }: WireEvent): boolean => tag === 'prekey' || tag === 'prekey-bounced';

describe('what prekey servers say', () => {
  test('xep:X-22 xep:S-14 goes out with no copy and no archive, and nothing but the body', async () => {
    const { said } = await hear('');
    const [message = ''] = /<message.*<\/message>/.exec(said) ?? [];
    expect(message).toContain('to="prekey.localhost"');
    expect(message).toContain('type="normal"');
    for (const part of ['no-copy', 'no-store', 'private']) expect(message).toContain(`<${part} `);
    expect(message).not.toMatch(/receipts|chatstates|origin-id|encryption/);
  });

  test('xep:X-22 xep:S-15 comes as an event of its own, and a stanza that comes back as well', async () => {
    const { events } = await hear(say('prekey.localhost'));
    expect(events).toEqual([{ tag: 'prekey', from: 'prekey.localhost', body: 'AAQ2.' }]);
    const error =
      "<error type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const bounced = await hear(say('prekey.localhost', error, 'error'));
    expect(bounced.events).toEqual([
      { tag: 'prekey-bounced', from: 'prekey.localhost', forId: 'x' },
    ]);
  });

  const forwarded =
    `<message xmlns='jabber:client' from='prekey.localhost' to='${ME}/phone' type='normal'>` +
    '<body>AAQ2.</body></message>';
  const delay = "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2026-01-01T00:00:00Z'/>";
  test.each([
    ['of a server that was not written to', say('other.localhost')],
    ['with a resource', say('prekey.localhost/x')],
    ['that was kept for us', say('prekey.localhost', delay)],
    ['as a copy', carbon(`from='${ME}'`, forwarded)],
    [
      'out of an archive',
      `<message from='${ME}' to='${DEVICE}'><result xmlns='urn:xmpp:mam:2' id='1'>` +
        `<forwarded xmlns='urn:xmpp:forward:0'>${forwarded}</forwarded></result></message>`,
    ],
  ])('pks:T-52 xep:S-15 %s is nothing at all', async (_which, xml) => {
    const { events } = await hear(xml);
    expect(events).toEqual([]);
  });

  test('is not said by a person who writes the same', async () => {
    const { events } = await hear(say('bob@localhost/x', '', 'chat'));
    expect(events.filter(isPrekey)).toEqual([]);
    expect(events).toMatchObject([{ tag: 'message', body: 'AAQ2.' }]);
  });
});
