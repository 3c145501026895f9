// SPDX-License-Identifier: GPL-3.0-or-later

import type { SrvRecord } from 'node:dns';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RememberedWay } from '#main/xmpp/client.ts';
import type { XmppDeps } from '#main/xmpp/ports.ts';
import { formatWay, parseWay, type Way } from '#main/xmpp/transport/ways.ts';
import { findFreePorts } from '../../tools/prosody/free-ports.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { TestAuthority } from '../support/certificates.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { startTls } from '../support/rogue-scripts.ts';
import { RogueServer } from '../support/rogue-server.ts';
import { configure, deps, Party } from './parties.ts';

const DAY_MS = 86_400_000;
let started: TestProsody;
let prosody: Prosody;
let deadPort = 0;
const parties: Party[] = [];

beforeAll(async () => {
  started = await startProsody();
  ({ prosody } = started);
  await prosody.addAccount('alice', 'correct horse');
  [deadPort = 0] = await findFreePorts(1);
});
afterEach(async () => {
  await Promise.all(parties.splice(0).map(({ client }) => client.disconnect()));
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

interface World {
  /** Where DNS says that STARTTLS is spoken. */
  readonly srvPort: number;
  readonly webSockets?: readonly string[];
  readonly remembered?: RememberedWay;
  readonly extra?: readonly string[];
}

/** A client that knows nothing but its domain, and what it asked on its way in. */
function newcomer({ srvPort, webSockets = [], remembered, extra = [] }: World) {
  const asked: string[] = [];
  const kept: RememberedWay[] = remembered === undefined ? [] : [remembered];
  const own: Partial<XmppDeps> = {
    resolveSrv: (name) => {
      asked.push(name.split('.')[0] ?? '');
      const record: SrvRecord = { name: '127.0.0.1', port: srvPort, priority: 0, weight: 0 };
      return name.startsWith('_xmpp-client') ? Promise.resolve([record]) : Promise.reject(Error());
    },
    readHttps: ({ url }) => {
      asked.push(url);
      const links = webSockets.map((href) => ({ rel: 'urn:xmpp:alt-connections:websocket', href }));
      return Promise.resolve(JSON.stringify({ links }));
    },
  };
  const ways = {
    load: () => kept.at(-1),
    save: (way: RememberedWay) => void kept.push(way),
  };
  const config = configure(prosody, 'alice@localhost', undefined, {
    endpoint: { tag: 'domain' },
    extraCertificates: [prosody.certificatePem, ...extra],
    ways,
  });
  const party = new Party(config, { ...deps, ...own });
  parties.push(party);
  return { party, asked, kept };
}

const SRV = ['_xmpp-client', '_xmpps-client'];
const HOST_META = 'https://localhost/.well-known/host-meta.json';

describe('a client that knows only its domain', () => {
  test('goes by TCP where it works, and asks nobody about WebSockets', async () => {
    const { party, asked, kept } = newcomer({ srvPort: prosody.port });
    await party.online();
    expect(asked).toEqual(SRV);
    expect(kept.map(({ way }) => way)).toEqual([`xmpp://127.0.0.1:${String(prosody.port)}`]);
    expect(Math.abs((kept[0]?.foundAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test('goes by WebSocket where TCP does not get through, and remembers it', async () => {
    const webSockets = [`wss://localhost:${String(deadPort)}/`, prosody.webSocketUrl];
    const { party, asked, kept } = newcomer({ srvPort: deadPort, webSockets });
    await party.online();
    expect(asked).toEqual([...SRV, HOST_META]);
    expect(kept.map(({ way }) => way)).toEqual([prosody.webSocketUrl]);
  });

  test('is told what is wrong with TCP when there is no other way', async () => {
    expect(await newcomer({ srvPort: deadPort }).party.refusal()).toBe('refused');
  });

  test('tries what worked last first, and then asks nobody', async () => {
    const remembered = { way: prosody.webSocketUrl, foundAt: Date.now() - DAY_MS };
    const { party, asked, kept } = newcomer({ srvPort: deadPort, remembered });
    await party.online();
    expect({ asked, kept }).toEqual({ asked: [], kept: [remembered] });
  });

  test.each<[string, RememberedWay]>([
    ['does not work any more', { way: 'wss://localhost:1/', foundAt: Date.now() }],
    ['is long ago', { way: 'wss://localhost:1/', foundAt: Date.now() - 8 * DAY_MS }],
    ['was found in the future', { way: 'wss://localhost:1/', foundAt: Date.now() + DAY_MS }],
    ['is nothing that we wrote', { way: 'ws://localhost/', foundAt: Date.now() }],
  ])('asks again when what worked last %s', async (_what, remembered) => {
    const { party, asked, kept } = newcomer({ srvPort: prosody.port, remembered });
    await party.online();
    expect(asked).toEqual(SRV);
    expect(kept.at(-1)?.way).toBe(`xmpp://127.0.0.1:${String(prosody.port)}`);
  });

  test.each([-8 * DAY_MS, DAY_MS])(
    'does not try before it asks what was found at %i from now, even if it works',
    async (fromNowMs) => {
      const remembered = { way: prosody.webSocketUrl, foundAt: Date.now() + fromNowMs };
      const { party, kept } = newcomer({ srvPort: prosody.port, remembered });
      await party.online();
      expect(kept.at(-1)?.way).toContain('xmpp://');
    },
  );

  test('turns to WebSocket when TCP stands but leads to no session', async () => {
    await using authority = await TestAuthority.create();
    const keys = await authority.issue({ names: ['DNS:localhost'] });
    let visits = 0;
    await using rogue = await RogueServer.start(keys, async (peer) => {
      visits += 1;
      await startTls(peer);
      peer.end();
    });
    const webSockets = [prosody.webSocketUrl];
    const extra = [authority.certificate];
    const { party, kept } = newcomer({ srvPort: rogue.port, webSockets, extra });
    party.client.connect({ persist: true });
    await party.see('connection', ({ state }) => state.tag === 'waiting');
    party.client.connect({ persist: true });
    await party.see('session');
    expect({ visits, kept: kept.map(({ way }) => way) }).toEqual({
      visits: 1,
      kept: [prosody.webSocketUrl],
    });
  });
});

describe('a way as text', () => {
  const ways: readonly [string, Way][] = [
    ['xmpp://h.test:5222', { tag: 'fixed', host: 'h.test', port: 5222, tls: 'starttls' }],
    ['xmpps://[::1]:443', { tag: 'fixed', host: '::1', port: 443, tls: 'direct' }],
    ['wss://h.test/ws', { tag: 'websocket', url: 'wss://h.test/ws' }],
  ];
  test.each(ways)('%s reads as it was written', (text, way) => {
    expect(formatWay(way)).toBe(text);
    expect(parseWay(text)).toEqual(way);
  });

  test.each(['', 'ws://h.test/', 'xmpp://h.test', 'xmpp://h.test:0', 'xmpp://h.test:65536'])(
    '%j is none',
    (text) => {
      expect(parseWay(text)).toBeUndefined();
    },
  );
});
