// SPDX-License-Identifier: GPL-3.0-or-later
// One of a contact's devices is here, others are away: a text is for all of them.

import { formatTag } from '#shared/model/instance-tag.ts';
import { afterEach, describe, expect, it } from 'vitest';

import {
  anotherOfBobs,
  fatesOf,
  laptop,
  LAPTOP,
  listDevices,
  phone,
  PHONE,
  tablet,
  TABLET,
  type Trio,
  withVerified,
} from '../support/devices.ts';
import { Seat } from '../support/two-services.ts';

interface Quartet extends Trio {
  readonly tablet: Seat;
}

/** Longer than anybody flickers. */
const GRACE_MS = 16_000;
const DAY_MS = 86_400_000;

let all: Quartet;
afterEach(() => {
  all.stage.close();
});

/** Bob with three devices, two or all of them verified; his server keeps an archive. */
async function withThree(isTabletVerified = true): Promise<Quartet> {
  const trio = await withVerified(LAPTOP, PHONE);
  const { stage, alice } = trio;
  stage.network.archives.set(alice.other.jid, []);
  await listDevices(trio, [laptop, phone, tablet]);
  const third = await anotherOfBobs(trio, 'tablet');
  await third.party.service.start(third.id);
  await stage.settle();
  all = { ...trio, tablet: third };
  if (isTabletVerified) await alice.party.service.compared(alice.id, TABLET, 'match');
  const devices = isTabletVerified ? 3 : 2;
  expect(alice.view.audience).toMatchObject({ devices, verified: devices });
  return all;
}

/** Phone and tablet have gone, and the laptop is here. */
async function withTwoAway(isTabletVerified = true): Promise<Quartet> {
  await withThree(isTabletVerified);
  await all.phone.party.line.leave();
  await all.tablet.party.line.leave();
  await all.stage.pass(GRACE_MS);
  return all;
}

/** All that is under way arrives, and what follows from it begins. */
async function happens(): Promise<void> {
  await all.stage.settle();
  await all.stage.pass(1);
  await all.stage.settle();
}

async function comesBack({ party }: Seat): Promise<void> {
  await party.line.return();
  await happens();
}

const fates = () => fatesOf(all.alice.messages.at(-1));

const failures = () =>
  [all.alice, all.laptop, all.phone, all.tablet].flatMap(({ party }) => party.failures);

describe('a text to three devices, one here and two away', () => {
  it('ux:16 ux:2.5.10 reaches the one at once, and the two with the keys they left', async () => {
    const { stage, alice } = await withTwoAway();
    await alice.type('for all three');
    expect(fates()).toEqual({ Laptop: 'sending', Phone: 'held', Tablet: 'held' });
    await happens();
    expect(all.laptop.texts).toEqual(['for all three']);
    expect(fates()).toEqual({ Laptop: 'delivered', Phone: 'sent', Tablet: 'sent' });
    expect(stage.keyServers.asked).toHaveLength(1);
    // The laptop's was not needed: it can serve later.
    expect(alice.party.keys.given.map(({ ownerTag }) => formatTag(ownerTag))).toEqual([LAPTOP]);
    await alice.type('and another');
    await happens();
    expect(fates()).toEqual({ Laptop: 'delivered', Phone: 'sent', Tablet: 'sent' });
    expect(stage.keyServers.asked).toHaveLength(1);

    await comesBack(all.phone);
    expect(all.phone.texts).toEqual(['for all three', 'and another']);
    await stage.pass(6 * DAY_MS);
    await comesBack(all.tablet);
    expect(all.tablet.texts).toEqual(['for all three', 'and another']);
    expect(all.laptop.texts).toEqual(['for all three', 'and another']);
    expect(all.laptop.events).not.toContain('unreadable');
    expect(JSON.stringify(stage.network.seen)).not.toContain('for all three');
    expect(failures()).toEqual([]);
  });

  it('ux:2.5.10 waits for the one that left no keys, and gets it there live when it is back', async () => {
    const { stage, alice } = await withTwoAway();
    all.tablet.party.keys.left = 0;
    await alice.type('for all three');
    await happens();
    expect(fates()).toEqual({ Laptop: 'delivered', Phone: 'sent', Tablet: 'held' });
    expect(alice.view).toMatchObject({ state: 'verified', composer: 'send' });
    await stage.pass(9 * 60_000);
    expect(stage.keyServers.asked).toHaveLength(1);
    await stage.pass(2 * 60_000);
    expect(stage.keyServers.asked).toHaveLength(2);
    await comesBack(all.tablet);
    expect(all.tablet.texts).toEqual(['for all three']);
    expect(fates()).toMatchObject({ Tablet: 'delivered' });
    await comesBack(all.phone);
    expect([all.laptop.texts, all.phone.texts]).toEqual([['for all three'], ['for all three']]);
    expect(failures()).toEqual([]);
  });

  it('pks:PC-16 lets nobody else wait for the one that left no keys, and asks for that one no sooner', async () => {
    const { stage, alice } = await withTwoAway(false);
    await all.laptop.party.line.leave();
    await stage.pass(GRACE_MS);
    all.phone.party.keys.left = 0;
    await alice.type('one');
    await happens();
    expect(fates()).toEqual({ Laptop: 'sent', Phone: 'held' });
    await alice.party.service.compared(alice.id, TABLET, 'match');
    await alice.type('two');
    await happens();
    expect(fates()).toEqual({ Laptop: 'sent', Phone: 'held', Tablet: 'sent' });
    expect(stage.keyServers.asked).toHaveLength(2);
    await stage.pass(9 * 60_000);
    expect(stage.keyServers.asked).toHaveLength(2);
    await stage.pass(2 * 60_000);
    expect(stage.keyServers.asked).toHaveLength(3);
  });

  it('ux:I-5 leaves out the one that is not verified, and the one that is blocked', async () => {
    const { alice } = await withTwoAway(false);
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'block', endsChat: false });
    await alice.type('for the laptop');
    await happens();
    await all.stage.pass(20 * 60_000);
    expect(all.stage.keyServers.asked).toEqual([]);
    await comesBack(all.phone);
    await comesBack(all.tablet);
    expect([all.laptop.texts, all.phone.texts, all.tablet.texts]).toEqual([
      ['for the laptop'],
      [],
      [],
    ]);
  });

  it('xep:X-44 ux:2.5.8 leaves out the one that was taken off the list meanwhile', async () => {
    const { stage, alice } = await withThree();
    for (const { party } of [all.phone, all.tablet]) {
      await party.service.endAll();
      await stage.settle();
      await party.line.leave();
    }
    await stage.pass(GRACE_MS);
    stage.network.lists.set(alice.other.jid, [laptop, phone]);
    await alice.type('not for the lost tablet');
    await happens();
    expect(fates()).toEqual({ Laptop: 'delivered', Phone: 'sent' });
    await comesBack(all.tablet);
    expect(all.tablet.texts).toEqual([]);
  });

  it('spends no key of a device that flickers', async () => {
    const { stage, alice } = await withThree();
    await all.phone.party.line.leave();
    await alice.type('one');
    await stage.pass(5000);
    expect(fates()).toEqual({ Laptop: 'delivered', Phone: 'held', Tablet: 'delivered' });
    await comesBack(all.phone);
    expect(all.phone.texts).toEqual(['one']);
    expect(stage.keyServers.asked).toEqual([]);
  });
});

describe('devices that were never met since the program was started', () => {
  it('ux:16 xep:X-35 get the text too, if they are verified and announced', async () => {
    const { stage, alice } = await withTwoAway();
    alice.party.service.stop();
    await alice.party.line.leave();
    await stage.settle();
    stage.network.lines.splice(stage.network.lines.indexOf(alice.party.line), 1);
    const again = new Seat(stage.party('alice', { after: alice.party }), alice.other);
    await again.party.service.renewIdentity();
    await again.party.line.return();
    await listDevices({ stage, alice: again }, [laptop, phone, tablet]);
    await stage.settle();
    await all.laptop.rules({ accept: 'contacts' });
    await again.party.service.start(again.id);
    await happens();
    expect(again.view).toMatchObject({ state: 'verified', audience: { devices: 1 } });
    await again.type('after a restart');
    await stage.pass(GRACE_MS);
    await happens();
    expect(fatesOf(again.messages.at(-1))).toEqual({
      Laptop: 'delivered',
      Phone: 'sent',
      Tablet: 'sent',
    });
    await comesBack(all.phone);
    await comesBack(all.tablet);
    for (const seat of [all.laptop, all.phone, all.tablet]) {
      expect(seat.texts).toContain('after a restart');
    }
    expect(again.party.failures).toEqual([]);
  });
});
