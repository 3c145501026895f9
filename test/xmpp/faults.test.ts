// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { configure, deps, fixed, Party, realClock } from './parties.ts';

let started: TestProsody;
let prosody: Prosody;
let proxy: TcpProxy;
const parties: Party[] = [];

/** Alice's line goes through the proxy, Bob's does not. */
async function meet(): Promise<{ alice: Party; bob: Party }> {
  const through = { host: proxy.host, port: proxy.port, certificatePem: prosody.certificatePem };
  const alice = new Party(
    configure(prosody, 'alice@localhost', undefined, { endpoint: fixed(through) }),
    { random: deps.random },
  );
  const bob = new Party(configure(prosody, 'bob@localhost'));
  parties.push(alice, bob);
  await Promise.all([alice.online(), bob.online()]);
  return { alice, bob };
}

const bodies = (party: Party): string[] => party.all('message').map(({ body }) => body);

function say(from: Party, to: Party, body: string): void {
  const result = from.client.sendChat({ to: to.jid, body, id: body, requestReceipt: false });
  expect(result).toBe('sent');
}

beforeAll(async () => {
  started = await startProsody();
  ({ prosody } = started);
  proxy = await TcpProxy.start(prosody.port);
  for (const name of ['alice', 'bob']) await prosody.addAccount(name, 'correct horse');
});
afterEach(async () => {
  proxy.refuse(false);
  await Promise.all(parties.splice(0).map(({ client }) => client.disconnect()));
});
afterAll(async () => {
  await proxy.close();
  await started[Symbol.asyncDispose]();
});

describe('a line that breaks', () => {
  test('sec:F-SM-1 is resumed: nothing lost, nothing twice, in order, and all acknowledged', async () => {
    const { alice, bob } = await meet();
    const before = alice.full();
    say(alice, bob, 'one');
    await bob.see('message', ({ body }) => body === 'one');
    await alice.see('acknowledged', ({ id }) => id === 'one');

    proxy.hold();
    say(alice, bob, 'two');
    say(alice, bob, 'three');
    say(bob, alice, 'four');
    await bob.see('acknowledged', ({ id }) => id === 'four');
    proxy.cut();
    await alice.see('connection', ({ state }) => state.tag === 'waiting');
    expect(alice.client.sendChat({ to: bob.jid, body: 'x', id: 'x', requestReceipt: false })).toBe(
      'offline',
    );

    const session = await alice.see('session', ({ resumed }) => resumed);
    expect(session.jid).toBe(before);
    await alice.see('message', ({ body }) => body === 'four');
    await bob.see('message', ({ body }) => body === 'three');
    await alice.see('acknowledged', ({ id }) => id === 'three');
    say(alice, bob, 'five');
    await alice.see('acknowledged', ({ id }) => id === 'five');
    await bob.see('message', ({ body }) => body === 'five');

    expect(bodies(bob)).toEqual(['one', 'two', 'three', 'five']);
    expect(bodies(alice)).toEqual(['four']);
    expect(alice.all('acknowledged').map(({ id }) => id)).toEqual(['one', 'two', 'three', 'five']);
    expect(alice.all('not-sent')).toEqual([]);
  });

  test('sec:F-SM-1 a message that arrived, but whose acknowledgement was lost, is not sent again', async () => {
    const { alice, bob } = await meet();
    proxy.hold('server');
    say(alice, bob, 'heard');
    await bob.see('message', ({ body }) => body === 'heard');
    expect(alice.all('acknowledged')).toEqual([]);
    proxy.cut();
    await alice.see('session', ({ resumed }) => resumed);
    await alice.see('acknowledged', ({ id }) => id === 'heard');
    say(alice, bob, 'next');
    await bob.see('message', ({ body }) => body === 'next');
    expect(bodies(bob)).toEqual(['heard', 'next']);
  });

  test('sec:F-NET-1 is tried again while the server is away, with one connection at a time', async () => {
    const { alice } = await meet();
    proxy.refuse(true);
    proxy.cut();
    const second = await alice.see(
      'connection',
      ({ state }) => state.tag === 'waiting' && state.attempt === 2,
    );
    expect(second.state).toMatchObject({ tag: 'waiting', attempt: 2 });
    proxy.refuse(false);
    alice.forget();
    alice.client.connect({ persist: true });
    await alice.see('session', ({ resumed }) => resumed);
  });

  test('is noticed although the socket stays open', async () => {
    const { alice } = await meet();
    // Time flies for the party's timers, so that half a minute of silence takes no time.
    let ahead = 0;
    const quick = new Party(
      configure(prosody, 'alice@localhost', undefined, {
        endpoint: fixed({ host: proxy.host, port: proxy.port, certificatePem: '' }),
      }),
      {
        clock: {
          now: () => Date.now() + ahead,
          after: (delayMs, call) => {
            const flies = delayMs === 30_000 && ahead > 0;
            return realClock.after(flies ? 10 : Math.min(delayMs, 200), call);
          },
        },
      },
    );
    parties.push(quick);
    await alice.client.disconnect();
    await quick.online();
    proxy.hold();
    ahead = 60_000;
    const { state } = await quick.see('connection', (event) => event.state.tag === 'waiting');
    expect(state).toMatchObject({ reason: 'lost' });
  });
});

describe('a server that is killed', () => {
  test('sec:F-SM-2 and started again: new session, what was not acknowledged is reported', async () => {
    const { alice, bob } = await meet();
    proxy.hold();
    say(alice, bob, 'in the dark');
    await prosody.kill();
    proxy.cut();
    await alice.see('connection', ({ state }) => state.tag === 'waiting');
    expect(alice.client.state()).toMatchObject({ tag: 'waiting' });
    await prosody.restart();

    await alice.see('session', ({ resumed }) => !resumed && alice.all('session').length > 1);
    await bob.see('session', ({ resumed }) => !resumed && bob.all('session').length > 1);
    await alice.see('not-sent', ({ id }) => id === 'in the dark');
    expect(alice.all('acknowledged')).toEqual([]);

    say(alice, bob, 'back again');
    await bob.see('message', ({ body }) => body === 'back again');
    await alice.see('acknowledged', ({ id }) => id === 'back again');
  });
});

describe('leaving', () => {
  test('waits for the last acknowledgement and leaves nothing to resume', async () => {
    const { alice, bob } = await meet();
    say(alice, bob, 'bye');
    await alice.client.disconnect();
    expect(alice.all('acknowledged').map(({ id }) => id)).toEqual(['bye']);
    expect(alice.all('not-sent')).toEqual([]);
    expect(alice.client.state()).toEqual({ tag: 'offline' });

    alice.forget();
    await alice.online();
    expect(alice.all('session')).toMatchObject([{ resumed: false }]);
  });
});
