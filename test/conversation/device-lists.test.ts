// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import type { ListedDevice } from '#main/xmpp/wire.ts';
import { befriend, offTheRecord, type Pair, Seat, twoServices } from '../support/two-services.ts';
import { identityOf } from '../support/two-parties.ts';

let opened: Pair['stage'][] = [];

async function stage(make: () => Promise<Pair>): Promise<Pair> {
  const pair = await make();
  opened.push(pair.stage);
  return pair;
}

afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
});

const tagOf = (name: string): number => identityOf(name).profile.ownerTag;
const hex = (tag: number): string => tag.toString(16).padStart(8, '0');
const laptop: ListedDevice = { tag: tagOf('bob'), label: 'Laptop' };
const phone: ListedDevice = { tag: tagOf('bob-phone'), label: 'Phone' };

/** Bob's server tells Alice of his list. */
const tell = ({ alice, bob }: Pair, devices: readonly ListedDevice[]): Promise<void> =>
  alice.party.service.hear({ tag: 'device-list', of: bob.party.jid, devices });

/** Alice is off the record with both of Bob's devices and has verified them. */
async function withTwoVerified(): Promise<{ pair: Pair; second: Seat }> {
  const pair = await stage(offTheRecord);
  const { stage: all, alice } = pair;
  const other = all.party('bob', { keys: identityOf('bob-phone'), resource: 'phone' });
  befriend(other, alice.party);
  await other.line.return();
  await alice.rules({ accept: 'contacts' });
  const second = new Seat(other, alice.party);
  await other.service.start(second.id);
  await all.settle();
  for (const { name } of alice.view.devices) {
    await alice.party.service.compared(alice.id, name.instanceTag, 'match');
  }
  return { pair, second };
}

describe('the list of a contact', () => {
  it('ux:S1 xep:X-07 xep:X-32 xep:X-49 xep:T-68 tells that they can talk off the record, and when no longer', async () => {
    const pair = await stage(twoServices);
    const { alice } = pair;
    expect(alice.view.state).toBe('plain');
    await tell(pair, [laptop]);
    expect(alice.view.state).toBe('plain-available');
    expect(alice.view.announced).toMatchObject([
      { name: { label: 'Laptop', instanceTag: hex(laptop.tag) } },
    ]);
    await tell(pair, []);
    expect(alice.view.state).toBe('plain');
  });

  it('of somebody who is not a contact is not kept', async () => {
    const { alice } = await stage(twoServices);
    const of = `eve${alice.party.jid.slice(5)}` as typeof alice.party.jid;
    await alice.party.service.hear({ tag: 'device-list', of, devices: [laptop] });
    expect(alice.party.store.devices.ofPeer(alice.party.account, of)).toEqual([]);
  });

  it('names devices wherever they are spoken of, and what they are called outlives the list', async () => {
    const pair = await stage(offTheRecord);
    const { alice } = pair;
    expect(alice.view.devices[0]?.name.label).toBeUndefined();
    await tell(pair, [laptop]);
    expect(alice.view.devices[0]).toMatchObject({ name: { label: 'Laptop' }, unlisted: false });
    expect(alice.view.session?.device.label).toBe('Laptop');
    expect(alice.view.announced).toEqual([]);
    await alice.party.service.compared(alice.id, hex(laptop.tag), 'match');
    const told = alice.timeline.find(
      (item) => item.kind === 'event' && item.event.name === 'verified',
    );
    expect(told).toMatchObject({ event: { device: 'Laptop' } });
    const [row] = alice.party.store.trust.ofPeer(alice.party.account, alice.other.jid);
    expect(row?.label).toBe('Laptop');
  });

  it('xep:S-08 that is taken back leaves keys and trust as they are', async () => {
    const pair = await stage(offTheRecord);
    const { alice } = pair;
    await tell(pair, [laptop]);
    await alice.party.service.compared(alice.id, hex(laptop.tag), 'match');
    await tell(pair, []);
    expect(alice.view.state).toBe('verified');
    expect(alice.view.devices).toMatchObject([
      { name: { label: 'Laptop' }, trust: { tag: 'verified' }, unlisted: true },
    ]);
  });

  it('ux:A6 of 64 devices gives 64 rows and no card about a contact who is not verified', async () => {
    const pair = await stage(offTheRecord);
    const devices = Array.from({ length: 64 }, (_, index) => ({ tag: 0x1000 + index, label: 'x' }));
    await tell(pair, devices);
    expect(pair.alice.view.announced).toHaveLength(64);
    expect(pair.alice.view.newDevices).toEqual([]);
  });
});

describe('ux:16 a new device', () => {
  it('of a verified contact is told once, and only what was not met before', async () => {
    const pair = await stage(offTheRecord);
    const { alice } = pair;
    await alice.party.service.compared(alice.id, hex(laptop.tag), 'match');
    await tell(pair, [laptop, phone]);
    expect(alice.view.newDevices).toMatchObject([{ name: { label: 'Phone' } }]);
    expect(alice.view.state).toBe('verified');
    await alice.party.service.changeDevice(alice.id, hex(phone.tag), { act: 'ignore' });
    expect(alice.view.newDevices).toEqual([]);
    await tell(pair, [laptop]);
    await tell(pair, [laptop, phone]);
    expect(alice.view.newDevices).toEqual([]);
  });

  it('is no news any more once it is verified', async () => {
    const { pair, second } = await withTwoVerified();
    const { alice } = pair;
    await tell(pair, [laptop, phone, { tag: 0x4444, label: 'Tablet' }]);
    expect(alice.view.newDevices.map(({ name }) => name.label)).toEqual(['Tablet']);
    expect(second.view.state).toBe('unverified');
  });
});

describe('xep:X-44 xep:T-76 before a text that several devices get', () => {
  it('both lists are read, and not before any other', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice } = pair;
    await alice.type('to one device');
    expect(all.network.asked).toEqual([]);
    const two = await withTwoVerified();
    const { network } = two.pair.stage;
    await two.pair.alice.type('to both');
    expect(network.asked).toEqual([two.pair.bob.party.jid, two.pair.alice.party.jid]);
  });

  it('a device that its owner took off the list gets it no more, as long as one is left', async () => {
    const { pair, second } = await withTwoVerified();
    const { stage: all, alice, bob } = pair;
    all.network.lists.set(bob.party.jid, [laptop]);
    await alice.type('not for the stolen phone');
    await all.settle();
    expect([bob.texts, second.texts]).toEqual([['not for the stolen phone'], []]);
    all.network.lists.set(bob.party.jid, []);
    await tell(pair, []);
    await alice.type('for both again');
    await all.settle();
    expect(second.texts).toEqual(['for both again']);
  });

  it('texts keep their order, and a server that does not answer holds them up for five seconds', async () => {
    const { pair, second } = await withTwoVerified();
    const { stage: all, alice } = pair;
    all.network.listsAnswer = new Promise(() => undefined);
    const token = alice.view.stateToken;
    const sent = ['one', 'two'].map((text) => alice.party.service.send(alice.id, text, token));
    await all.pass(4000);
    expect(second.texts).toEqual([]);
    await all.pass(8000);
    await Promise.all(sent);
    await all.settle();
    expect(second.texts).toEqual(['one', 'two']);
  });
});

describe('xep:S-07 opening a chat', () => {
  it('asks for the list, but not at every look', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice, bob } = pair;
    all.network.lists.set(bob.party.jid, [laptop]);
    alice.party.service.open(alice.id);
    await all.pass(1);
    expect(alice.view.state).toBe('plain-available');
    alice.party.service.open(alice.id);
    await all.pass(30_000);
    expect(all.network.asked).toHaveLength(1);
    alice.party.service.open(alice.id);
    expect(all.network.asked).toHaveLength(2);
  });
});
