// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { XmppConfig } from '#main/xmpp/client.ts';
import type { ConnectionFailure } from '#main/xmpp/wire.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';
import {
  formatMechanisms,
  login,
  offer,
  openSession,
  type ScramFlaws,
  startTls,
} from '../support/rogue-scripts.ts';
import { RogueServer, type RogueScript } from '../support/rogue-server.ts';
import { configure, Party } from './parties.ts';

const PASSWORD = 'correct horse';
let authority: TestAuthority;
let keys: KeyPair;

beforeAll(async () => {
  authority = await TestAuthority.create();
  keys = await authority.issue({ names: ['DNS:localhost'] });
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

interface Meeting {
  readonly reason: ConnectionFailure;
  readonly heard: string;
}

/** Lets a client log in at a server that plays the script, and tells how it was refused. */
async function meet(script: RogueScript, more: Partial<XmppConfig> = {}): Promise<Meeting> {
  await using rogue = await RogueServer.start(keys, script);
  const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
  const party = new Party(configure(place, 'alice@localhost', PASSWORD, more));
  const reason = await party.refusal();
  return { reason, heard: rogue.heard };
}

const flawed =
  (flaws: ScramFlaws): RogueScript =>
  async (peer) => {
    await startTls(peer);
    await login(peer, flaws);
  };

const plainEnd: RogueScript = async (peer) => {
  await startTls(peer);
  await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
  await peer.expect(/<auth /);
  peer.end();
};

/** The name and password as PLAIN would send them. */
const plainProof = Buffer.from(`\0alice\0${PASSWORD}`).toString('base64');

describe('a server that does not know the password is not believed', () => {
  test('the honest script gets through, so that the refusals below mean something', async () => {
    await using rogue = await RogueServer.start(keys, openSession);
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const party = await new Party(configure(place, 'alice@localhost')).online();
    expect(party.all('session')).toMatchObject([{ jid: 'alice@localhost/desk' }]);
    await party.client.disconnect();
  });

  const cases: readonly [id: string, what: string, flaws: ScramFlaws][] = [
    ['1', 'success before any challenge', { skipChallenge: true }],
    ['2', 'a wrong server signature', { password: 'a guess' }],
    ['3', 'success without a signature', { spoilFinal: () => '' }],
    ['4', 'an error in place of the signature', { spoilFinal: () => 'e=other-error' }],
    ['5', 'a signature cut short', { spoilFinal: (final) => final.slice(0, 20) }],
    [
      '6',
      'a nonce that is not ours',
      { spoilFirst: (first) => first.replace(/^r=.{8}/, 'r=AAAAAAAA') },
    ],
    ['7', 'one iteration', { iterations: 1 }],
    ['7b', 'one iteration too few', { iterations: 4095 }],
    ['9', 'a mandatory extension', { spoilFirst: (first) => `m=ext,${first}` }],
    ['10', 'a challenge of 40 thousand commas', { spoilFirst: (f) => f + ','.repeat(40_000) }],
    ['11', 'a challenge of noise', { spoilFirst: () => '\u0000\u0001 no scram' }],
  ];
  test.each(cases)('sec:T-X-SASL-%s %s', async (_id, _what, flaws) => {
    expect(await meet(flawed(flaws))).toMatchObject({ reason: 'server-not-proved' });
  });

  test('sec:T-X-SASL-8 too many iterations are refused although our nonce is right', async () => {
    const spoilFirst = (first: string): string => first.replace(/i=\d+/, 'i=1000001');
    const { reason, heard } = await meet(flawed({ spoilFirst }));
    expect(reason).toBe('server-not-proved');
    expect(heard).not.toContain('<response');
  });

  test('sec:T-X-SASL-13 a server that leaves the login out gets no session', async () => {
    const { reason, heard } = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
    });
    expect(reason).toBe('no-mechanism');
    expect(heard).not.toContain('xmpp-bind');
  });

  test('sec:T-X-SASL-14 stanzas before the login end the connection', async () => {
    const { reason } = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
      peer.send("<message from='alice@localhost' to='alice@localhost'><body>x</body></message>");
    });
    expect(reason).toBe('not-xmpp');
  });
});

describe('the password itself', () => {
  test.each([
    ['a login', openSession],
    ['a refused login', flawed({ password: 'a guess' })],
    ['a line that breaks', plainEnd],
  ])('is wiped after %s', async (_what, script) => {
    const handed: Uint8Array[] = [];
    const password = (): Promise<Uint8Array> => {
      const bytes = new TextEncoder().encode(PASSWORD);
      handed.push(bytes);
      return Promise.resolve(bytes);
    };
    await using rogue = await RogueServer.start(keys, script);
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const party = new Party(configure(place, 'alice@localhost', PASSWORD, { password }));
    party.client.connect({ persist: false });
    await party.see('connection', ({ state }) => state.tag === 'failed' || state.tag === 'online');
    await party.client.disconnect();
    expect(handed).toEqual([new Uint8Array(PASSWORD.length)]);
  });

  const plainOnly: RogueScript = async (peer) => {
    await startTls(peer);
    await offer(peer, formatMechanisms(['PLAIN', 'DIGEST-MD5', 'ANONYMOUS', 'X-OAUTH2']));
    await peer.expect(/<auth /);
    peer.end();
  };

  test('sec:T-X-SASL-12 is not sent to a server that offers only PLAIN', async () => {
    const { reason, heard } = await meet(plainOnly);
    expect(reason).toBe('no-mechanism');
    expect(heard).not.toContain('<auth');
  });

  test('is sent if the user allows it and there is no better way', async () => {
    const { heard } = await meet(plainOnly, { allowPlain: true });
    expect(heard).toContain(plainProof);
  });

  test('is not sent, even if allowed, where SCRAM is offered', async () => {
    const script: RogueScript = async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['PLAIN', 'SCRAM-SHA-256-PLUS']));
    };
    const { reason, heard } = await meet(script, { allowPlain: true });
    expect(reason).toBe('no-mechanism');
    expect(heard).not.toContain(plainProof);
  });

  test('sec:T-X-TLS-1 sec:CVE-2016-10027 is not sent, nor anything of a login, where there is no TLS', async () => {
    const { reason, heard } = await meet(
      async (peer) => {
        await offer(peer, formatMechanisms(['PLAIN', 'SCRAM-SHA-256']));
      },
      { allowPlain: true },
    );
    expect(reason).toBe('no-tls');
    expect(heard).not.toContain('<auth');
  });

  test('sec:T-X-TLS-2 sec:CVE-2016-10027 what comes with the leave to start TLS is not listened to', async () => {
    const injected =
      `<stream:features>${formatMechanisms(['PLAIN'])}</stream:features>` +
      "<message from='bob@localhost' to='alice@localhost'><body>injected</body></message>";
    const script: RogueScript = async (peer) => {
      await startTls(peer, injected);
      await offer(peer, formatMechanisms(['SCRAM-SHA-256']));
      await peer.expect(/<auth /);
      peer.end();
    };
    const { reason, heard } = await meet(script, { allowPlain: true });
    expect(reason).toBe('lost');
    expect(heard).toContain('mechanism="SCRAM-SHA-256"');
    expect(heard).not.toContain(plainProof);
  });

  test('is not sent to a server that has shown a better way before', async () => {
    let visits = 0;
    await using rogue = await RogueServer.start(keys, async (peer) => {
      visits += 1;
      if (visits === 1) {
        await openSession(peer);
        peer.end();
        return;
      }
      await startTls(peer);
      await offer(peer, formatMechanisms(['PLAIN']));
    });
    const place = { host: rogue.host, port: rogue.port, certificatePem: authority.certificate };
    const config = configure(place, 'alice@localhost', PASSWORD, { allowPlain: true });
    const party = new Party(config);
    party.client.connect({ persist: true });
    const { state } = await party.see('connection', (event) => event.state.tag === 'failed');
    expect(state).toMatchObject({ reason: 'no-mechanism' });
    expect(rogue.heard).not.toContain(plainProof);
  });
});

describe('what the server says about the login', () => {
  const conditions: readonly [string, ConnectionFailure][] = [
    ['not-authorized', 'auth-failed'],
    ['account-disabled', 'not-allowed'],
    ['credentials-expired', 'not-allowed'],
    ['temporary-auth-failure', 'server-busy'],
    ['mechanism-too-weak', 'no-mechanism'],
  ];
  test.each(conditions)('%s is told as %s', async (condition, reason) => {
    const meeting = await meet(async (peer) => {
      await startTls(peer);
      await offer(peer, formatMechanisms(['SCRAM-SHA-1']));
      await peer.expect(/<auth /);
      peer.send(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><${condition}/></failure>`);
    });
    expect(meeting.reason).toBe(reason);
  });
});
