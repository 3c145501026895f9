// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { XmppConfig } from '#main/xmpp/client.ts';
import type { ConnectionFailure } from '#main/xmpp/wire.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import {
  formatAuthentication,
  formatMechanisms,
  login,
  offer,
  openSession,
  type ScramFlaws,
  startTls,
} from '../support/rogue-scripts.ts';
import { RogueServer, type ScriptPeer } from '../support/rogue-server.ts';
import { RogueWebSocketServer } from '../support/rogue-websocket.ts';
import { configure, Party } from './parties.ts';

type Script = (peer: ScriptPeer) => Promise<void>;

const PLUS = ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'];
const BOUND: ScramFlaws = { mechanisms: PLUS, bindings: ['tls-exporter'] };
let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create();
  keys = await authority.issue({ names: ['DNS:localhost'] });
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

interface Place {
  readonly host: string;
  readonly port: number;
  readonly heard: string;
}

const atRogue = ({ host, port }: Place, more: Partial<XmppConfig> = {}): Party => {
  const place = { host, port, certificatePem: authority.certificate };
  return new Party(configure(place, 'alice@localhost', undefined, more));
};

/** What the client said in SCRAM, without base64. */
const firstWords = (heard: string): readonly string[] =>
  [...heard.matchAll(/<(?:auth|initial-response)[^>]*>([^<]+)</g)].map(([, base64 = '']) =>
    Buffer.from(base64, 'base64').toString().replace(/n=.*/, ''),
  );

interface Meeting {
  readonly reason: ConnectionFailure;
  readonly heard: string;
  readonly first: string | undefined;
}

/** Lets a client log in at a server that plays the script over TCP, and tells how it was refused. */
async function meet(script: Script, more: Partial<XmppConfig> = {}): Promise<Meeting> {
  await using rogue = await RogueServer.start(keys, script);
  const reason = await atRogue(rogue, more).refusal();
  return { reason, heard: rogue.heard, first: firstWords(rogue.heard)[0] };
}

const flawed =
  (flaws: ScramFlaws): Script =>
  async (peer) => {
    await startTls(peer);
    await login(peer, flaws);
  };

/** How often the client gets through, and with which first words. */
async function visit(how: 'tcp' | 'websocket', flaws: ScramFlaws): Promise<string | undefined> {
  const script: Script = (peer) => openSession(peer, { login: flaws });
  await using rogue =
    how === 'tcp'
      ? await RogueServer.start(keys, script)
      : await RogueWebSocketServer.start(keys, script);
  const endpoint = { tag: 'websocket', url: `wss://localhost:${String(rogue.port)}/` } as const;
  const party = atRogue(rogue, how === 'tcp' ? {} : { endpoint });
  await party.online();
  expect(party.all('session')).toMatchObject([{ jid: 'alice@localhost/desk' }]);
  await party.client.disconnect();
  return firstWords(rogue.heard)[0];
}

describe.each(['tcp', 'websocket'] as const)('over %s', (how) => {
  test('sec:T-X-CB-1 a login is bound to the line where the server lists tls-exporter', async () => {
    expect(await visit(how, BOUND)).toBe('p=tls-exporter,,');
  });

  test('a login by SASL2, bound and not, goes on on the same stream', async () => {
    expect(await visit(how, { ...BOUND, sasl2: true })).toBe('p=tls-exporter,,');
    expect(await visit(how, { sasl2: true })).toBe('y,,');
  });
});

describe('channel binding', () => {
  test('sec:T-X-CB-4 a login on a line that ends somewhere else is worth nothing', async () => {
    const elsewhere = { ...BOUND, binding: Buffer.alloc(32, 7) };
    expect(await meet(flawed(elsewhere))).toMatchObject({ reason: 'auth-failed' });
    expect(await meet(flawed({ ...elsewhere, sasl2: true }))).toMatchObject({
      reason: 'auth-failed',
    });
  });

  test('sec:T-X-CB-2 a server whose offer was taken away on the line can tell', async () => {
    const { first } = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
      await peer.expect(/<auth [^>]*>[^<]*<\/auth>/);
      peer.end();
    });
    expect(first).toBe('y,,');
  });

  test('sec:T-X-CB-5 below TLS 1.3 nothing is bound, since it might not be unique', async () => {
    const { first } = await meet(async (peer) => {
      await startTls(peer, '', 'TLSv1.2');
      await login(peer, { ...BOUND, password: 'a guess' });
    });
    expect(first).toBe('n,,');
  });

  test.each<[string, ScramFlaws]>([
    ['its types of binding', { mechanisms: PLUS }],
    ['bound logins altogether', {}],
  ])('sec:T-X-CB-3 a server that has bound before may not leave out %s', async (_what, later) => {
    let visits = 0;
    await using rogue = await RogueServer.start(keys, async (peer) => {
      visits += 1;
      if (visits === 1) {
        await openSession(peer, { login: BOUND });
        peer.end();
      } else await flawed(later)(peer);
    });
    const party = atRogue(rogue);
    party.client.connect({ persist: true });
    await party.see('connection', ({ state }) => state.tag === 'waiting');
    party.client.connect({ persist: true });
    const { state } = await party.see('connection', (event) => event.state.tag === 'failed');
    expect(state).toMatchObject({ reason: 'no-mechanism' });
    expect(firstWords(rogue.heard)).toEqual(['p=tls-exporter,,']);
  });
});

describe('SASL2 (XEP-0388)', () => {
  const cases: readonly [string, ScramFlaws][] = [
    ['success before any challenge', { skipChallenge: true }],
    ['a wrong server signature', { password: 'a guess' }],
    ['a wrong server signature in a bound login', { ...BOUND, password: 'a guess' }],
    ['success without a signature', { spoilFinal: () => '' }],
    ['an error in place of the signature', { spoilFinal: () => 'e=other-error' }],
    ['a nonce that is not ours', { spoilFirst: (first) => first.replace(/^r=.{8}/, 'r=AAAAAAAA') }],
    ['one iteration', { iterations: 1 }],
  ];
  test.each(cases)('sec:T-X-SASL-15 %s is not believed', async (_what, flaws) => {
    const { reason, heard } = await meet(flawed({ ...flaws, sasl2: true, features: '<bind/>' }));
    expect(reason).toBe('server-not-proved');
    expect(heard).not.toContain('xmpp-bind');
  });

  test.each([
    ['as somebody else', 'eve@localhost'],
    ['as somebody at another server', 'alice@evil.example'],
    ['as nobody', undefined],
  ])('sec:T-X-SASL-16 a login %s is none', async (_what, identifier) => {
    expect(await meet(flawed({ sasl2: true, identifier }))).toMatchObject({ reason: 'not-xmpp' });
  });

  test('a demand for more than the password is refused, and the server told so', async () => {
    const { reason, heard } = await meet(async (peer) => {
      await flawed({ sasl2: true, continueWith: 'SOMETHING-ELSE' })(peer);
      await peer.expect(/<abort /);
    });
    expect(reason).toBe('no-mechanism');
    expect(heard).not.toContain('<next');
  });

  test('sec:T-X-SASL-17 what comes in one breath with a false success is not listened to', async () => {
    await using rogue = await RogueServer.start(keys, async (peer) => {
      await startTls(peer);
      const injected =
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>" +
        "<message from='bob@localhost/x'><body>injected</body></message><stream:features>";
      await login(peer, { sasl2: true, password: 'a guess', features: injected });
    });
    const party = atRogue(rogue);
    expect(await party.refusal()).toBe('server-not-proved');
    expect(party.all('message')).toEqual([]);
    expect(rogue.heard).not.toContain('xmpp-bind');
  });

  test('sec:T-X-SASL-18 only a little may come in one breath with success', async () => {
    const flood = `</stream:features>${'<presence/>'.repeat(17)}<stream:features>`;
    expect(await meet(flawed({ sasl2: true, features: flood }))).toMatchObject({
      reason: 'not-xmpp',
    });
  });

  test('sec:T-X-SASL-12 the password is not sent to a server that offers only PLAIN there', async () => {
    const { reason, heard } = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['SCRAM-SHA-256']) + formatAuthentication(['PLAIN']));
    });
    expect(reason).toBe('no-mechanism');
    expect(heard).not.toContain('<auth');
  });

  test.each<[string, ConnectionFailure]>([
    ['not-authorized', 'auth-failed'],
    ['account-disabled', 'not-allowed'],
    ['temporary-auth-failure', 'server-busy'],
    ['what-nobody-knows', 'auth-failed'],
  ])('%s is told as %s', async (condition, reason) => {
    const meeting = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, formatAuthentication(['SCRAM-SHA-1']));
      await peer.expect(/<authenticate /);
      peer.send(
        `<failure xmlns='urn:xmpp:sasl:2'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>`,
      );
    });
    expect(meeting.reason).toBe(reason);
  });
});
