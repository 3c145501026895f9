// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '#otr/crypto/secret.ts';
import { reinstalled } from '../support/devices.ts';
import { leftInClear } from '../support/expectations.ts';
import { befriend, offTheRecord, type Pair, Seat, twoServices } from '../support/two-services.ts';
import { identityOf } from '../support/two-parties.ts';

let open: Pair | undefined;
const stage = async (make: () => Promise<Pair>): Promise<Pair> => (open = await make());

afterEach(() => {
  open?.stage.close();
  open = undefined;
});

/** Bob had a chat, was verified if asked for, and comes back with a new key. */
async function withNewKey(verifyFirst: boolean): Promise<{ pair: Pair; bob: Seat }> {
  const pair = await stage(offTheRecord);
  const { stage: all, alice } = pair;
  const tag = alice.view.devices[0]?.name.instanceTag ?? '';
  if (verifyFirst) await alice.party.service.compared(alice.id, tag, 'match');
  await alice.rules({ accept: 'contacts', verifiedOnly: false });
  await pair.bob.party.service.end(pair.bob.id);
  await pair.bob.party.line.leave();
  await all.settle();
  all.network.lines.splice(all.network.lines.indexOf(pair.bob.party.line), 1);
  await all.pass(60_000);
  const party = all.party('bob', { keys: reinstalled(all, 'bob') });
  befriend(party, alice.party);
  await party.line.return();
  const bob = new Seat(party, alice.party);
  await bob.party.service.start(bob.id);
  await all.settle();
  return { pair, bob };
}

describe('a device with another key', () => {
  it('ux:17 ux:S10 sec:F-PEER-2 stops sending until the user has looked', async () => {
    const { pair, bob } = await withNewKey(true);
    const { stage: all, alice } = pair;
    expect(alice.view).toMatchObject({ state: 'key-changed', composer: 'locked' });
    await expect(alice.type('secret')).rejects.toMatchObject({ code: 'conversation-locked' });
    await expect(alice.party.service.writeUnencrypted(alice.id)).rejects.toMatchObject({
      code: 'conversation-locked',
    });
    await bob.type('hello, it is me');
    await all.settle();
    expect(alice.texts.at(-1)).toBe('hello, it is me');
    expect(alice.events).toContain('key-changed');
    expect(leftInClear(all, 'secret')).toEqual([]);
  });

  it('ux:17 still shows the old verification as history', async () => {
    const { pair } = await withNewKey(true);
    expect(pair.alice.view.devices.map(({ trust }) => trust.tag).toSorted()).toEqual([
      'changed',
      'verified',
    ]);
  });

  it('ux:S10 goes on, not verified, when the user accepts the key', async () => {
    const { pair, bob } = await withNewKey(false);
    const { stage: all, alice } = pair;
    await alice.party.service.acceptKey(alice.id);
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    await alice.type('welcome back');
    await all.settle();
    expect(bob.texts).toEqual(['welcome back']);
  });

  it('ux:S10 goes on, verified, when the codes were compared', async () => {
    const { pair } = await withNewKey(true);
    const { alice } = pair;
    const changed = alice.view.devices.find(({ trust }) => trust.tag === 'changed');
    await alice.party.service.compared(alice.id, changed?.name.instanceTag ?? '', 'match');
    expect(alice.view).toMatchObject({ state: 'verified', composer: 'send' });
  });

  it('ux:S10 is still locked after a restart: nothing was accepted', async () => {
    const { pair, bob } = await withNewKey(false);
    const { stage: all, alice } = pair;
    all.network.lines.splice(all.network.lines.indexOf(alice.party.line), 1);
    const again = new Seat(all.party('alice', { after: alice.party }), bob.party);
    await again.party.line.return();
    await bob.party.service.start(bob.id);
    await all.settle();
    expect(again.view.state).toBe('key-changed');
  });

  it('does not take a new device for a changed key', async () => {
    const { stage: all, alice } = await stage(offTheRecord);
    const phone = all.party('bob', { keys: identityOf('bob-phone'), resource: 'phone' });
    befriend(phone, alice.party);
    await phone.line.return();
    await alice.rules({ accept: 'contacts' });
    const seat = new Seat(phone, alice.party);
    await seat.party.service.start(seat.id);
    await all.settle();
    expect(alice.view.state).toBe('unverified');
    expect(alice.view.devices).toHaveLength(2);
  });
});

describe('several devices', () => {
  it('decision 12 sends to the device last active before any verification', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const phone = all.party('bob', { keys: identityOf('bob-phone'), resource: 'phone' });
    befriend(phone, alice.party);
    await phone.line.return();
    await alice.rules({ accept: 'contacts' });
    const seat = new Seat(phone, alice.party);
    await seat.party.service.start(seat.id);
    await all.settle();
    await alice.type('to the phone');
    await all.settle();
    expect([bob.texts, seat.texts]).toEqual([[], ['to the phone']]);
    await bob.type('from the desk');
    await all.settle();
    await alice.type('to the desk');
    await all.settle();
    expect(bob.texts.at(-1)).toBe('to the desk');
    expect(seat.texts).toEqual(['to the phone']);
  });

  it('ux:16 sends to no unverified device once one is verified, and to all verified ones', async () => {
    const { stage: all, alice, bob } = await stage(offTheRecord);
    const desk = alice.view.devices[0]?.name.instanceTag ?? '';
    await alice.party.service.compared(alice.id, desk, 'match');
    const phone = all.party('bob', { keys: identityOf('bob-phone'), resource: 'phone' });
    befriend(phone, alice.party);
    await phone.line.return();
    await alice.rules({ accept: 'contacts' });
    const seat = new Seat(phone, alice.party);
    await seat.party.service.start(seat.id);
    await all.settle();
    await alice.type('for the desk only');
    await all.settle();
    expect([bob.texts, seat.texts]).toEqual([['for the desk only'], []]);
    const other = alice.view.devices.find(({ name }) => name.instanceTag !== desk);
    await alice.party.service.compared(alice.id, other?.name.instanceTag ?? '', 'match');
    await alice.type('for both');
    await all.settle();
    expect([bob.texts.at(-1), seat.texts]).toEqual(['for both', ['for both']]);
  });
});

describe('secrets', () => {
  it('are wiped after the turn that retired them, and live keys are not', async () => {
    const wipe = vi.spyOn(Secret.prototype, 'wipe');
    try {
      const { stage: all, alice, bob } = await stage(twoServices);
      await bob.rules({ accept: 'contacts' });
      await alice.party.service.start(alice.id);
      await all.settle();
      expect(wipe).toHaveBeenCalled();
      await alice.type('still works');
      await all.settle();
      expect(bob.texts).toEqual(['still works']);
      expect(identityOf('alice').longTermKey.seed.wiped).toBe(false);
    } finally {
      wipe.mockRestore();
    }
  });
});
