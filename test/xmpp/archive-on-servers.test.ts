// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FetchedArchive } from '#main/xmpp/client.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import { LiveParty } from '../support/live-party.ts';
import { startProsody } from '../support/prosody.ts';
import { configure, Party, type Place } from './parties.ts';

interface Server extends AsyncDisposable {
  readonly place: Place & { readonly domain: string };
}

const servers: readonly (readonly [string, () => Promise<Server>])[] = [
  ['Prosody', async () => startProsody().then((it) => Object.assign(it, { place: it.prosody }))],
  ['ejabberd', async () => startEjabberd().then((it) => Object.assign(it, { place: it.ejabberd }))],
];

const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 30_000, interval: 25 });

describe.each(servers)('at %s', (_name, start) => {
  let server: Server | undefined;
  let place: Server['place'];
  let round = 0;
  let alice: LiveParty;
  let bob: LiveParty;
  const devices: Party[] = [];

  beforeAll(async () => {
    server = await start();
    ({ place } = server);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(devices.splice(0).map(({ client }) => client.disconnect()));
    expect([...alice.failures, ...bob.failures]).toEqual([]);
    await Promise.all([alice[Symbol.asyncDispose](), bob[Symbol.asyncDispose]()]);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** Alice and Bob, friends, each with the rooms of main; returns Alice's chat. */
  async function meet(): Promise<ConversationId> {
    round += 1;
    alice = new LiveParty(place, `alice${String(round)}`);
    bob = new LiveParty(place, `bob${String(round)}`);
    await Promise.all([alice.add(), bob.add()]);
    const id = await alice.contacts.add(bob.address, undefined);
    await until(() => {
      expect(bob.contacts.requests()).toHaveLength(1);
    });
    await bob.contacts.accept(alice.address);
    await until(() => {
      for (const one of [alice, bob]) {
        expect(one.conversations.contacts()).toMatchObject([
          { subscription: 'both', presence: 'online' },
        ]);
      }
    });
    return id;
  }

  const textsOf = (party: LiveParty): readonly string[] => {
    const [contact] = party.conversations.contacts();
    if (contact === undefined) return [];
    return party.conversations
      .history({ id: contact.id, limit: 200 })
      .flatMap((item) => (item.kind === 'message' ? [`${item.direction} ${item.text}`] : []));
  };
  const say = (party: LiveParty, text: string): Promise<unknown> => {
    const [contact] = party.conversations.contacts();
    if (contact === undefined) throw new TypeError('nobody there');
    const { stateToken } = party.conversations.view(contact.id);
    return party.conversations.send(contact.id, text, stateToken);
  };

  /** Another client of the same account, without the rest of the house. */
  async function phoneOf(party: LiveParty): Promise<Party> {
    const phone = new Party(configure(place, party.address));
    devices.push(phone);
    return phone.online();
  }

  test('a message of another device appears as mine, one to it once, and both only once', async () => {
    await meet();
    const phone = await phoneOf(alice);
    phone.client.sendChat({
      to: bob.account.view()?.jid as never,
      body: 'from my phone',
      id: 'phone-1',
      requestReceipt: true,
    });
    await until(() => {
      expect(textsOf(alice)).toEqual(['out from my phone']);
      expect(textsOf(bob)).toEqual(['in from my phone']);
    });
    await say(bob, 'hello both');
    await until(() => {
      expect(textsOf(alice)).toEqual(['out from my phone', 'in hello both']);
    });
    await phone.see('message', ({ body }) => body === 'hello both');
    expect(phone.all('message').filter(({ body }) => body === 'hello both')).toHaveLength(1);
  });

  test('what was said in an absence is filled up once, in order, and known again', async () => {
    await meet();
    await say(bob, 'before');
    await until(() => {
      expect(textsOf(alice)).toEqual(['in before']);
    });
    await alice.account.stop();
    const phone = await phoneOf(alice);
    for (let k = 0; k < 60; k += 1) await say(bob, `while away ${String(k)}`);
    await phone.see('message', ({ body }) => body === 'while away 59');
    phone.client.sendChat({
      to: bob.account.view()?.jid as never,
      body: 'answered on the phone',
      id: 'phone-2',
      requestReceipt: false,
    });
    await until(() => {
      expect(textsOf(bob)).toContain('in answered on the phone');
    });
    await say(bob, 'last');
    await phone.see('message', ({ body }) => body === 'last');
    alice.account.open();
    const expected = [
      'in before',
      ...Array.from({ length: 60 }, (_, k) => `in while away ${String(k)}`),
      'out answered on the phone',
      'in last',
    ];
    await until(() => {
      expect(textsOf(alice)).toHaveLength(expected.length);
    });
    expect(textsOf(alice)).toEqual(expected);
    expect(alice.conversations.contacts()).toMatchObject([{ unread: 1 }]);
    await alice.account.stop();
    alice.account.open();
    await say(bob, 'after all');
    await until(() => {
      expect(textsOf(alice)).toEqual([...expected, 'in after all']);
    });
  }, 90_000);

  test('xep:X-42 what is off the record is neither kept for others nor taken from where it was kept', async () => {
    const toBob = await meet();
    await alice.conversations.start(toBob);
    await until(() => {
      const [contact] = bob.conversations.contacts();
      expect(contact && bob.conversations.view(contact.id).invitation).toBeDefined();
    });
    const [toAlice] = bob.conversations.contacts();
    if (toAlice === undefined) throw new TypeError('nobody there');
    await bob.conversations.accept(toAlice.id);
    await until(() => {
      expect(alice.conversations.view(toBob).state).toBe('unverified');
      expect(bob.conversations.view(toAlice.id).state).toBe('unverified');
    });
    await say(alice, 'nobody keeps this');
    await until(() => {
      expect(textsOf(bob)).toEqual(['in nobody keeps this']);
    });
    const phone = await phoneOf(alice);
    // A client that does not hint: the server keeps what it says, and hands it to whoever asks.
    phone.client.sendChat({
      to: alice.account.view()?.jid as never,
      body: '?OTR:AAQ1.',
      id: 'kept',
      requestReceipt: false,
    });
    await phone.see('acknowledged', ({ id }) => id === 'kept');
    const fetched: FetchedArchive = await phone.client.fetchArchive({ tag: 'newest' });
    const bodies = fetched.tag === 'page' ? fetched.messages.map(({ body }) => body) : ['none'];
    expect(bodies.filter((body) => body !== '?OTR:AAQ1.')).toEqual([]);
  });
});
