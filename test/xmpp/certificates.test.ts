// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '#main/xmpp/client.ts';
import type { ConnectionFailure } from '#main/xmpp/wire.ts';
import { findFreePorts } from '../../tools/prosody/free-ports.ts';
import { type LeafOptions, TestAuthority } from '../support/certificates.ts';
import { openSession, startTls } from '../support/rogue-scripts.ts';
import { RogueServer } from '../support/rogue-server.ts';
import { configure, Party } from './parties.ts';

let authority: TestAuthority;
let stranger: TestAuthority;

beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create();
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});

interface Meeting {
  readonly reason: ConnectionFailure;
  readonly heard: string;
}

async function meet(
  leaf: LeafOptions,
  tls: 'starttls' | 'direct',
  issuer: TestAuthority = authority,
): Promise<Meeting> {
  await using rogue = await RogueServer.start(await issuer.issue(leaf), (peer) =>
    tls === 'direct' ? peer.secure() : startTls(peer),
  );
  const endpoint: Endpoint = { tag: 'fixed', host: rogue.host, port: rogue.port, tls };
  const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
  const reason = await new Party(
    configure(place, 'alice@localhost', undefined, { endpoint }),
  ).refusal();
  return { reason, heard: rogue.heard };
}

const good = ['DNS:localhost'];

describe.each(['starttls', 'direct'] as const)('over %s', (tls) => {
  const cases: readonly [what: string, leaf: LeafOptions, reason: ConnectionFailure][] = [
    ['has expired', { names: good, days: -1 }, 'tls-expired'],
    ['is for another name', { names: ['DNS:other.example'] }, 'tls-name'],
    ['is for the host connected to, not the domain', { names: ['IP:127.0.0.1'] }, 'tls-name'],
    ['is for a wildcard above the domain', { names: ['DNS:*.localhost'] }, 'tls-name'],
    ['has the name in its subject only', { names: [], commonName: 'localhost' }, 'tls-name'],
  ];
  test.each(cases)(
    'sec:T-X-CERT-1 sec:CVE-2022-45197 a certificate that %s is refused',
    async (_what, leaf, reason) => {
      const meeting = await meet(leaf, tls);
      expect(meeting.reason).toBe(reason);
      expect(meeting.heard).not.toContain('<auth');
    },
  );

  test('sec:T-X-CERT-1 a certificate of an unknown authority is refused', async () => {
    const meeting = await meet({ names: good }, tls, stranger);
    expect(meeting.reason).toBe('tls-untrusted');
    expect(meeting.heard).not.toContain('<auth');
  });
});

test('sec:T-X-CERT-3 the domain counts, not the host that DNS names for it', async () => {
  const keys = await authority.issue({ names: ['DNS:server.example'] });
  await using rogue = await RogueServer.start(keys, (peer) => startTls(peer));
  const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
  const resolveSrv = (name: string): Promise<never[]> => Promise.reject(new Error(name));
  const srv = { name: 'localhost', port: rogue.port, priority: 0, weight: 0 };
  const config = configure(place, 'alice@server.test', undefined, { endpoint: { tag: 'domain' } });
  const party = new Party(config, {
    resolveSrv: (name) =>
      name === '_xmpp-client._tcp.server.test' ? Promise.resolve([srv]) : resolveSrv(name),
  });
  expect(await party.refusal()).toBe('tls-name');
});

describe('finding the server', () => {
  const asked: string[] = [];

  test('sec:T-X-CERT-2 sec:CVE-2022-26491 goes by SRV records, best first, past a dead one, and by nothing else', async () => {
    const keys = await authority.issue({ names: ['DNS:domain.test'] });
    await using rogue = await RogueServer.start(keys, (peer) =>
      openSession(peer, { address: 'alice@domain.test/desk' }),
    );
    const [dead = 0] = await findFreePorts(1);
    const place = { host: 'unused.invalid', port: 1, certificatePem: authority.certificate };
    const config = configure(place, 'alice@domain.test', undefined, {
      endpoint: { tag: 'domain' },
    });
    const party = new Party(config, {
      resolveSrv: (name) => {
        asked.push(name);
        return name.startsWith('_xmpps')
          ? Promise.resolve([{ name: 'localhost', port: dead, priority: 1, weight: 5 }])
          : Promise.resolve([{ name: 'localhost', port: rogue.port, priority: 2, weight: 0 }]);
      },
    });
    await party.online();
    await party.client.disconnect();
    expect(asked.sort()).toEqual([
      '_xmpp-client._tcp.domain.test',
      '_xmpps-client._tcp.domain.test',
    ]);
  });

  test('is told when the domain says that it has no such service', async () => {
    const place = { host: 'unused.invalid', port: 1, certificatePem: '' };
    const more = { endpoint: { tag: 'domain' }, extraCertificates: [] } as const;
    const party = new Party(configure(place, 'alice@domain.test', undefined, more), {
      resolveSrv: () => Promise.resolve([{ name: '', port: 0, priority: 0, weight: 0 }]),
    });
    expect(await party.refusal()).toBe('no-such-host');
  });

  test('is told when the name does not exist', async () => {
    const endpoint = {
      tag: 'fixed',
      host: 'nowhere.invalid',
      port: 5222,
      tls: 'starttls',
    } as const;
    const place = { host: 'x', port: 1, certificatePem: authority.certificate };
    const party = new Party(configure(place, 'alice@localhost', undefined, { endpoint }));
    expect(['no-such-host', 'no-network']).toContain(await party.refusal());
  });

  test('is told when nothing listens', async () => {
    const [port = 0] = await findFreePorts(1);
    const place = { host: '127.0.0.1', port, certificatePem: authority.certificate };
    expect(await new Party(configure(place, 'alice@localhost')).refusal()).toBe('refused');
  });

  test('is told when something else listens', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const place = { host: '127.0.0.1', port, certificatePem: authority.certificate };
    expect(await new Party(configure(place, 'alice@localhost')).refusal()).toBe('not-xmpp');
    server.close();
  });

  test('is told when nobody answers', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const place = { host: '127.0.0.1', port, certificatePem: authority.certificate };
    const party = new Party(configure(place, 'alice@localhost'), {
      clock: {
        now: () => Date.now(),
        after: (delayMs, call) => {
          const timer = setTimeout(call, Math.min(delayMs, 100));
          return () => {
            clearTimeout(timer);
          };
        },
      },
    });
    expect(await party.refusal()).toBe('timeout');
    silent.close();
  });
});
