// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { registerAccount } from '#main/xmpp/register-account.ts';
import { startEjabberd } from '../support/ejabberd.ts';
import { startProsody } from '../support/prosody.ts';
import { configure, deps, otherClient, Party, type Place } from './parties.ts';

interface Server extends AsyncDisposable {
  readonly place: Place;
}

const servers: readonly (readonly [string, () => Promise<Server>])[] = [
  [
    'Prosody',
    async () => {
      const started = await startProsody();
      return Object.assign(started, { place: started.prosody });
    },
  ],
  [
    'ejabberd',
    async () => {
      const started = await startEjabberd();
      return Object.assign(started, { place: started.ejabberd });
    },
  ],
];

const PASSWORD = 'correct horse';
const NODE = 'urn:xmpp:otr:1:devices';
const desk = { tag: 0xc45b041c, label: 'Example Messenger' };
const phone = { tag: 0x7c91e4ce, label: undefined };

describe.each(servers)('the list of devices on %s', (name, start) => {
  let server: Server | undefined;
  let place: Place;
  let round = 0;
  const open: { disconnect: () => Promise<void> }[] = [];

  beforeAll(async () => {
    server = await start();
    ({ place } = server);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.disconnect()));
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** Somebody new, registered in-band and online. */
  async function person(called: string): Promise<Party> {
    round += 1;
    const config = configure(place, `${called}${String(round)}@localhost`, PASSWORD);
    const password = new TextEncoder().encode(PASSWORD);
    expect(await registerAccount(config, password, deps)).toEqual({ tag: 'registered' });
    return device(config.jid);
  }

  async function device(address: string): Promise<Party> {
    const party = new Party(configure(place, address, PASSWORD));
    open.push(party.client);
    return party.online();
  }

  /** Each sees the other's presence: the way that notifications go as well (xep X-37). */
  async function befriend(one: Party, other: Party): Promise<void> {
    for (const [asking, asked] of [
      [one, other],
      [other, one],
    ] as const) {
      await asking.client.addContact({ jid: asked.jid, name: undefined, groups: [] });
      asking.client.requestSubscription(asked.jid);
      await asked.see('subscription', ({ from, step }) => {
        return from === asking.jid && step === 'requested';
      });
      asked.client.approveSubscription(asking.jid);
      await asking.see('presence', ({ from, available }) => from.bare === asked.jid && available);
    }
  }

  const isOf =
    ({ jid }: Party, length: number) =>
    ({ of, devices }: { of: string; devices: readonly unknown[] }) =>
      of === jid && devices.length === length;

  test('xep:T-63 xep:T-66 xep:X-08 is there for everyone once it is published, and not before', async () => {
    const [alice, stranger] = [await person('alice'), await person('eve')];
    expect(await alice.client.fetchDevices(alice.jid)).toEqual({ tag: 'none' });
    expect(await stranger.client.fetchDevices(alice.jid)).toEqual({ tag: 'none' });

    expect(await alice.client.publishDevices([desk, phone])).toEqual({ tag: 'done' });
    const list = { tag: 'list', devices: [desk, phone] };
    expect(await alice.client.fetchDevices(alice.jid)).toEqual(list);
    expect(await stranger.client.fetchDevices(alice.jid)).toEqual(list);
  });

  test('xep:T-68 xep:X-33 xep:X-37 xep:S-06 contacts and own devices hear of each change, strangers do not', async () => {
    const [alice, bob, stranger] = [
      await person('alice'),
      await person('bob'),
      await person('eve'),
    ];
    const second = await device(alice.jid);
    await befriend(bob, alice);
    await alice.client.publishDevices([desk]);
    const told = { tag: 'device-list', of: alice.jid, devices: [desk] };
    expect(await bob.see('device-list', isOf(alice, 1))).toEqual(told);
    expect(await second.see('device-list', isOf(alice, 1))).toEqual(told);
    await alice.client.publishDevices([desk, phone]);
    await bob.see('device-list', isOf(alice, 2));
    expect(stranger.all('device-list')).toEqual([]);
  });

  test('xep:T-64 xep:S-03 a node that is closed to others is opened, then written', async () => {
    const [alice, stranger] = [await person('alice'), await person('eve')];
    const other = await otherClient(configure(place, alice.jid, PASSWORD));
    open.push(other);
    await other.agent.sendIQ({
      type: 'set',
      pubsub: {
        context: 'user',
        publish: { node: NODE, item: { id: 'current', content: { itemType: 'urn:xmpp:otr:1' } } },
        publishOptions: {
          type: 'submit',
          fields: [
            {
              name: 'FORM_TYPE',
              type: 'hidden',
              value: 'http://jabber.org/protocol/pubsub#publish-options',
            },
            { name: 'pubsub#access_model', value: 'whitelist' },
          ],
        },
      },
    });
    expect(await stranger.client.fetchDevices(alice.jid)).not.toMatchObject({ tag: 'list' });

    expect(await alice.client.publishDevices([desk])).toEqual({ tag: 'done' });
    const list = { tag: 'list', devices: [desk] };
    expect(await stranger.client.fetchDevices(alice.jid)).toEqual(list);
  });

  test('xep:S-08 a list that is taken back names no device any more', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await befriend(bob, alice);
    const listed = async (): Promise<number> => {
      const answer = await bob.client.fetchDevices(alice.jid);
      return 'devices' in answer ? answer.devices.length : 0;
    };
    // Who asks hears of it in any case; only Prosody also tells of each change here.
    const told = async (count: number): Promise<void> => {
      if (name === 'Prosody') await bob.see('device-list', isOf(alice, count));
      await expect.poll(listed).toBe(count);
    };
    await alice.client.publishDevices([desk]);
    await told(1);
    const other = await otherClient(configure(place, alice.jid, PASSWORD));
    open.push(other);
    const retract = { node: NODE, id: 'current', notify: true };
    await other.agent.sendIQ({ type: 'set', pubsub: { context: 'user', retract } });
    await told(0);

    await alice.client.publishDevices([desk, phone]);
    await told(2);
    bob.forget();
    await alice.client.publishDevices([]);
    await told(0);
  });

  test('sec:F-CLK-1 the server says what time it has', async () => {
    const alice = await person('alice');
    const at = await alice.client.fetchServerTime();
    expect(Math.abs(Date.now() - (at ?? 0))).toBeLessThan(60_000);
    await alice.client.disconnect();
    expect(await alice.client.fetchServerTime()).toBeUndefined();
  });

  test('asks nobody while there is no line', async () => {
    const alice = await person('alice');
    await alice.client.disconnect();
    expect(await alice.client.fetchDevices(alice.jid)).toEqual({ tag: 'offline' });
    expect(await alice.client.publishDevices([desk])).toEqual({ tag: 'offline' });
  });
});
