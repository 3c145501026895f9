// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { registerAccount } from '#main/xmpp/register-account.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { configure, deps, Party } from './parties.ts';

let started: TestProsody;
let prosody: Prosody;
let proxy: TcpProxy;
const parties: Party[] = [];

/** The same WebSocket, by way of the proxy. */
const throughProxy = (): string => {
  const url = new URL(prosody.webSocketUrl);
  url.port = String(proxy.port);
  return url.href;
};

function byWebSocket(name: string, url = prosody.webSocketUrl, password?: string): Party {
  const endpoint = { tag: 'websocket', url } as const;
  const party = new Party(configure(prosody, `${name}@localhost`, password, { endpoint }));
  parties.push(party);
  return party;
}

const bodies = (party: Party): string[] => party.all('message').map(({ body }) => body);

function say(from: Party, to: Party, body: string): void {
  const result = from.client.sendChat({ to: to.jid, body, id: body, requestReceipt: false });
  expect(result).toBe('sent');
}

beforeAll(async () => {
  started = await startProsody();
  ({ prosody } = started);
  proxy = await TcpProxy.start(Number(new URL(prosody.webSocketUrl).port));
  for (const name of ['alice', 'bob']) await prosody.addAccount(name, 'correct horse');
});
afterEach(async () => {
  await Promise.all(parties.splice(0).map(({ client }) => client.disconnect()));
});
afterAll(async () => {
  await proxy.close();
  await started[Symbol.asyncDispose]();
});

describe('over WebSocket (RFC 7395)', () => {
  test('an account logs in, and messages go both ways between it and one on TCP', async () => {
    const alice = await byWebSocket('alice').online();
    const bob = new Party(configure(prosody, 'bob@localhost'));
    parties.push(bob);
    await bob.online();
    expect(alice.all('session')).toMatchObject([{ resumed: false, acknowledges: true }]);

    const body = 'Hello Bob, \ud83d\udc4b <b>&amp;</b>\nsecond line';
    alice.client.sendChat({ to: bob.jid, body, id: 'm-1', requestReceipt: false });
    expect(await bob.see('message')).toMatchObject({ id: 'm-1', body });
    await alice.see('acknowledged', ({ id }) => id === 'm-1');
    say(bob, alice, 'back');
    expect(await alice.see('message')).toMatchObject({ id: 'back', from: { full: bob.full() } });
  });

  test('sec:F-SM-1 a line that breaks is resumed: nothing lost, nothing twice, in order', async () => {
    const alice = await byWebSocket('alice', throughProxy()).online();
    const bob = await byWebSocket('bob').online();
    const before = alice.full();
    say(alice, bob, 'one');
    await alice.see('acknowledged', ({ id }) => id === 'one');

    proxy.hold();
    say(alice, bob, 'two');
    say(bob, alice, 'three');
    await bob.see('acknowledged', ({ id }) => id === 'three');
    proxy.cut();
    const session = await alice.see('session', ({ resumed }) => resumed);
    expect(session.jid).toBe(before);
    await alice.see('acknowledged', ({ id }) => id === 'two');
    await alice.see('message', ({ body }) => body === 'three');
    say(alice, bob, 'four');
    await bob.see('message', ({ body }) => body === 'four');
    expect(bodies(bob)).toEqual(['one', 'two', 'four']);
    expect(bodies(alice)).toEqual(['three']);
  });

  test('a wrong password is told, and accounts are registered', async () => {
    expect(await byWebSocket('alice', prosody.webSocketUrl, 'wrong').refusal()).toBe('auth-failed');
    const endpoint = { tag: 'websocket', url: prosody.webSocketUrl } as const;
    const config = configure(prosody, 'nina@localhost', undefined, { endpoint });
    const password = new TextEncoder().encode('a new password');
    expect(await registerAccount(config, password, deps)).toEqual({ tag: 'registered' });
    await byWebSocket('nina', prosody.webSocketUrl, 'a new password').online();
  });

  test('the end is said, so that nothing is kept for a resumption', async () => {
    const alice = await byWebSocket('alice').online();
    const bob = await byWebSocket('bob').online();
    await alice.client.disconnect();
    expect(alice.client.state()).toEqual({ tag: 'offline' });
    say(bob, alice, 'meanwhile');
    await bob.see('acknowledged', ({ id }) => id === 'meanwhile');
    const later = await byWebSocket('alice').online();
    const { delayedAt } = await later.see('message', ({ body }) => body === 'meanwhile');
    expect(delayedAt).toBeDefined();
  });

  test('a web server without XMPP behind the path is not taken for one', async () => {
    const url = prosody.webSocketUrl.replace('xmpp-websocket', 'elsewhere');
    expect(await byWebSocket('alice', url).refusal()).toBe('not-xmpp');
  });
});
