// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { leftInClear } from '../support/expectations.ts';
import { messageOf, presenceOf } from '../support/fake-wire.ts';
import {
  bobsPhone,
  deviceOf,
  LAPTOP,
  laptop,
  listDevices,
  phone,
  PHONE,
  tagOf,
  type Trio,
  withTwoDevices,
  withVerified,
} from '../support/devices.ts';
import { befriend, offTheRecord, Seat, type Stage, twoServices } from '../support/two-services.ts';
import { identityOf } from '../support/two-parties.ts';

const DAY_MS = 86_400_000;
let open: Stage | undefined;

async function stage<T extends { readonly stage: Stage }>(making: Promise<T>): Promise<T> {
  const made = await making;
  open = made.stage;
  return made;
}

afterEach(() => {
  open?.close();
  open = undefined;
});

const block = { act: 'block', endsChat: false } as const;
const forget = { act: 'forget', endsChat: false } as const;
const sentTo = ({ stage: { network } }: Pick<Trio, 'stage'>, seat: Seat): readonly string[] =>
  network.seen.flatMap(({ to, body }) => (to === seat.party.line.jid ? [body] : []));

describe('ux:2.5.8 a device blocked by the user', () => {
  it('is told goodbye, sent nothing more, and nothing is taken from it', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, laptop: desk, phone: pocket } = trio;
    const { stateToken } = alice.view;
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    await expect(
      alice.party.service.send(alice.id, 'typed for both', stateToken),
    ).rejects.toMatchObject({ code: 'state-changed' });
    await all.settle();
    expect(pocket.view.state).toBe('ended-by-peer');
    expect(deviceOf(alice, PHONE)).toMatchObject({ blocked: true, live: false });
    expect(deviceOf(alice, PHONE).trust.tag).toBe('verified');
    const before = sentTo(trio, pocket).length;
    await alice.type('for the laptop only');
    await pocket.party.service.start(pocket.id);
    await all.settle();
    await all.pass(60_000);
    expect(sentTo(trio, pocket)).toHaveLength(before);
    expect(alice.view).toMatchObject({ state: 'verified', invitation: undefined });
    expect(desk.texts).toEqual(['for the laptop only']);
    expect(pocket.texts).toEqual([]);
  });

  it('is not talked to in pieces either, nor asked to join, also after a restart', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, laptop: desk, phone: pocket } = trio;
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    await alice.party.service.end(alice.id);
    await all.settle();
    all.network.lines.splice(all.network.lines.indexOf(alice.party.line), 1);
    const again = new Seat(all.party('alice', { after: alice.party }), desk.party);
    await again.party.line.return();
    await desk.rules({ accept: 'contacts' });
    const before = sentTo(trio, pocket).length;
    const piece = `?OTR|00000001|${PHONE}|00000000,00001,00002,?OTR:AAQ1,`;
    const from = pocket.party.line.jid;
    await again.party.service.hear(messageOf(from, again.party.jid, piece));
    await again.party.service.start(again.id);
    await all.settle();
    await all.pass(60_000);
    expect(again.view.state).toBe('verified');
    expect(sentTo(trio, pocket)).toHaveLength(before);
    expect(deviceOf(again, PHONE).blocked).toBe(true);
  });

  it('is not started with, though nobody else is here', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, laptop: desk, phone: pocket } = trio;
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    await alice.party.service.end(alice.id);
    await all.settle();
    await desk.party.line.leave();
    const before = sentTo(trio, pocket).length;
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(alice.view.starting).toMatchObject({ lastFailure: 'offline' });
    expect(sentTo(trio, pocket)).toHaveLength(before);
  });

  it('can be talked to again when the user says so', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    await all.settle();
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'unblock' });
    await pocket.party.service.start(pocket.id);
    await all.settle();
    await pocket.type('here again');
    await all.settle();
    expect(alice.texts).toEqual(['here again']);
    expect(alice.events).toEqual(expect.arrayContaining(['device-blocked', 'device-unblocked']));
  });

  it('ux:I-3 ends the chat only with the user told, where it is the only device in it', async () => {
    const { stage: all, alice } = await stage(offTheRecord());
    const { service } = alice.party;
    await expect(service.changeDevice(alice.id, LAPTOP, block)).rejects.toMatchObject({
      code: 'state-changed',
    });
    expect(deviceOf(alice, LAPTOP)).toMatchObject({ blocked: false, live: true });
    await service.changeDevice(alice.id, LAPTOP, { ...block, endsChat: true });
    await all.settle();
    expect(alice.view.state).toBe('plain-available');
    expect(alice.events).toContain('ended-by-us');
  });

  it('is not taken for the device that gets messages: another one that is not verified is locked', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, LAPTOP, block);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'locked' });
    await expect(alice.type('nobody')).rejects.toMatchObject({ code: 'conversation-locked' });
    expect([pocket.texts, leftInClear(all, 'nobody')]).toEqual([[], []]);
  });

  it('that is only listed is blocked before it ever speaks', async () => {
    const pair = await stage(offTheRecord());
    const { stage: all, alice } = pair;
    await listDevices(pair, [laptop, phone]);
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    expect(alice.view.announced).toMatchObject([{ name: { label: 'Phone' }, blocked: true }]);
    await alice.rules({ accept: 'contacts' });
    const pocket = await bobsPhone(pair);
    await pocket.party.service.start(pocket.id);
    await all.settle();
    expect(pocket.view.state).toBe('starting');
    expect(alice.view.devices).toHaveLength(1);
  });
});

describe('ux:2.5.8 a device that is blocked while it is only being started', () => {
  /** Alice and Bob have been off the record before; now Alice starts again, and Bob is asked. */
  async function inviteAgain() {
    const pair = await stage(offTheRecord());
    const { stage: all, alice, bob } = pair;
    await alice.party.service.end(alice.id);
    await all.settle();
    await alice.party.service.start(alice.id);
    await alice.type('said before Bob has come');
    await all.settle();
    expect([alice.view.state, bob.view.invitation?.device.instanceTag]).toEqual([
      'starting',
      tagOf('alice'),
    ]);
    return pair;
  }

  it('loses our invitation at once, and what was to be said stays held', async () => {
    const pair = await inviteAgain();
    const { stage: all, alice, bob } = pair;
    await alice.party.service.changeDevice(alice.id, LAPTOP, block);
    expect(alice.view.starting).toBeUndefined();
    await all.settle();
    expect(bob.view.invitation).toBeUndefined();
    expect(bob.events).toContain('invitation-withdrawn');
    expect(alice.view).toMatchObject({ state: 'plain-available', heldCount: 1 });
    expect(leftInClear(all, 'said before')).toEqual([]);
  });

  it.each(['block', 'forget'] as const)(
    'and has said yes already: nothing is left to answer it with (%s)',
    async (act) => {
      const pair = await inviteAgain();
      const { stage: all, alice, bob } = pair;
      await bob.party.service.accept(bob.id);
      const answer = all.network.seen.at(-1)?.body ?? '';
      await alice.party.service.changeDevice(alice.id, LAPTOP, { act, endsChat: false });
      await all.settle();
      await alice.party.service.changeDevice(alice.id, LAPTOP, { act: 'unblock' }).catch(() => {
        // It is not known any more.
        expect(act).toBe('forget');
      });
      await alice.party.service.hear(messageOf(bob.party.line.jid, alice.party.jid, answer));
      await all.settle();
      expect(alice.view.state).toBe('plain-available');
      expect(bob.texts).toEqual([]);
    },
  );

  it('and is only listed, never met: it may be the one that is asked', async () => {
    const pair = await stage(twoServices());
    const { stage: all, alice, bob } = pair;
    await listDevices(pair, [laptop]);
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(bob.view.invitation).toBeDefined();
    await alice.party.service.changeDevice(alice.id, LAPTOP, block);
    await all.settle();
    expect(bob.view.invitation).toBeUndefined();
    expect(alice.view.starting).toBeUndefined();
  });

  it('has our yes to its own invitation no more', async () => {
    const pair = await stage(twoServices());
    const { stage: all, alice, bob } = pair;
    await listDevices(pair, [laptop]);
    await bob.party.service.start(bob.id);
    await all.settle();
    await alice.party.service.accept(alice.id);
    expect(alice.view.state).toBe('starting');
    await alice.party.service.changeDevice(alice.id, LAPTOP, block);
    expect(alice.view.starting).toBeUndefined();
    await all.settle();
    expect(alice.view.state).toBe('plain-available');
  });

  it('leaves alone a start with one that has said which it is', async () => {
    const pair = await stage(twoServices());
    const { stage: all, alice, bob } = pair;
    await listDevices(pair, [laptop, phone]);
    await bob.party.service.start(bob.id);
    await all.settle();
    await alice.party.service.accept(alice.id);
    await alice.party.service.changeDevice(alice.id, PHONE, block);
    await all.settle();
    expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
  });

  it('leaves a start with another one as it is', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, laptop: desk, phone: pocket } = trio;
    await alice.party.service.end(alice.id);
    await all.settle();
    await alice.party.service.start(alice.id);
    const { to } = all.network.seen.at(-1) ?? {};
    const [asked, other] = to === desk.party.line.jid ? [desk, PHONE] : [pocket, LAPTOP];
    await alice.party.service.changeDevice(alice.id, other, block);
    await all.settle();
    expect(alice.view.state).toBe('starting');
    expect(asked.view.invitation).toBeDefined();
  });

  it('loses the refresh of its keys beside the others', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice } = trio;
    await alice.party.service.start(alice.id);
    const { to } = all.network.seen.at(-1) ?? {};
    const tag = to === trio.phone.party.line.jid ? PHONE : LAPTOP;
    await alice.party.service.changeDevice(alice.id, tag, block);
    expect(alice.view.starting).toBeUndefined();
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 1 } });
  });
});

describe('ux:2.5.8 a name of the user', () => {
  it('stands wherever the device is named, and its own name beside it', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    const nickname = '  Bob’s\u202e telephone ';
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'rename', nickname });
    expect(deviceOf(alice, PHONE)).toMatchObject({
      name: { label: 'Bob’s telephone', instanceTag: PHONE },
      announcedAs: 'Phone',
    });
    await pocket.type('hello');
    await all.settle();
    expect(alice.messages.at(-1)?.devices[0]?.name.label).toBe('Bob’s telephone');
    await listDevices({ stage: all, alice }, [laptop, { ...phone, label: 'New phone' }]);
    expect(deviceOf(alice, PHONE)).toMatchObject({
      name: { label: 'Bob’s telephone' },
      announcedAs: 'New phone',
    });
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'rename', nickname: ' ' });
    expect(deviceOf(alice, PHONE)).toMatchObject({
      name: { label: 'New phone' },
      announcedAs: undefined,
    });
  });

  it('is given to nobody whom nobody has seen', async () => {
    const { alice } = await stage(offTheRecord());
    const named = { act: 'rename', nickname: 'x' } as const;
    await expect(
      alice.party.service.changeDevice(alice.id, '00009999', named),
    ).rejects.toMatchObject({ code: 'input-invalid' });
    expect(alice.party.store.choices.ofPeer(alice.party.account, alice.other.jid).has(0x9999)).toBe(
      false,
    );
  });
});

describe('ux:2.5.8 a device that is forgotten', () => {
  it('has no key, no trust and no name here any more; the others keep theirs', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'rename', nickname: 'P' });
    await alice.party.service.changeDevice(alice.id, PHONE, forget);
    await all.settle();
    expect(pocket.view.state).toBe('ended-by-peer');
    expect(alice.view.devices.map(({ name }) => name.instanceTag)).toEqual([LAPTOP]);
    expect(alice.view.announced).toMatchObject([{ name: { label: 'Phone', instanceTag: PHONE } }]);
    expect(deviceOf(alice, LAPTOP).trust.tag).toBe('verified');
    const { store, account } = alice.party;
    expect(store.trust.log(account).at(-1)).toMatchObject({ change: 'withdrawn' });
    await pocket.party.service.start(pocket.id);
    await all.settle();
    expect(deviceOf(alice, PHONE).trust.tag).toBe('unverified');
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 1 } });
  });
});

describe('ux:2.5.8 a device that is no longer in the list', () => {
  it('is shown for thirty days, and what was known of its key for ever', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await pocket.party.service.end(pocket.id);
    await pocket.party.line.leave();
    await all.settle();
    await listDevices({ stage: all, alice }, [laptop]);
    expect(deviceOf(alice, PHONE)).toMatchObject({ unlisted: true, live: false });
    await desk.party.service.end(desk.id);
    await all.settle();
    await all.pass(31 * DAY_MS);
    await listDevices({ stage: all, alice }, [laptop]);
    expect(alice.view.devices.map(({ name }) => name.instanceTag)).toEqual([LAPTOP]);
    await listDevices({ stage: all, alice }, [laptop, phone]);
    expect(deviceOf(alice, PHONE)).toMatchObject({ unlisted: false, trust: { tag: 'verified' } });
  });
});

describe('xep:X-42 an address that changes', () => {
  /** Bob's phone has the same session under another resource: only Alice sees a difference. */
  function underNewResource({ stage: all, alice, phone: pocket }: Trio) {
    const { line } = pocket.party;
    const jid = `${line.jid}-2` as typeof line.jid;
    return {
      jid,
      /** What the phone sends is heard from its new address. */
      hear: async (): Promise<void> => {
        all.network.fate = ({ from }) => (from === line.jid ? 0 : 1);
        const sent = all.network.seen.findLast(({ from }) => from === line.jid);
        await alice.party.service.hear(
          messageOf(jid, alice.party.jid, sent?.body ?? '', { id: sent?.id }),
        );
      },
    };
  }

  it('takes the session with it: the next message goes there, and nothing is started anew', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, phone: pocket } = trio;
    const moved = underNewResource(trio);
    all.network.fate = ({ from }) => (from === pocket.party.line.jid ? 0 : 1);
    await alice.party.service.hear(presenceOf(pocket.party.line.jid, false));
    await pocket.type('from elsewhere');
    await moved.hear();
    expect(alice.texts).toEqual(['from elsewhere']);
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 2, verified: 2 } });
    const before = all.network.seen.length;
    await alice.type('to where it is now');
    const sent = all.network.seen.slice(before).map(({ to }) => to);
    expect(sent.toSorted()).toEqual([trio.laptop.party.line.jid, moved.jid].toSorted());
    expect(alice.events).not.toContain('unreadable');
  });

  it('sec:T-X-FROM is not believed of anything the keys of the session do not prove', async () => {
    const trio = await stage(withVerified(LAPTOP, PHONE));
    const { stage: all, alice, phone: pocket } = trio;
    const moved = underNewResource(trio);
    all.network.fate = ({ from }) => (from === pocket.party.line.jid ? 0 : 1);
    await pocket.type('damaged on the way');
    const sent = all.network.seen.findLast(({ from }) => from === pocket.party.line.jid);
    const body = sent?.body ?? '';
    const at = body.length - 8;
    const broken = `${body.slice(0, at)}${body[at] === 'A' ? 'B' : 'A'}${body.slice(at + 1)}`;
    await alice.party.service.hear(messageOf(moved.jid, alice.party.jid, broken));
    const before = all.network.seen.length;
    await alice.type('to where it was');
    const sentTo = all.network.seen.slice(before).map(({ to }) => to);
    expect(sentTo).toContain(pocket.party.line.jid);
    expect(sentTo).not.toContain(moved.jid);
  });

  it('a new session under a new resource takes the place of the old one, without a double', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    all.network.lines.splice(all.network.lines.indexOf(pocket.party.line), 1);
    const party = all.party('bob', {
      keys: identityOf('bob-phone'),
      resource: 'phone-again',
      after: pocket.party,
    });
    await party.line.return();
    const again = new Seat(party, alice.party);
    await party.service.start(again.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 2 } });
    const before = all.network.seen.length;
    await alice.type('once');
    await all.settle();
    expect([desk.texts, again.texts]).toEqual([['once'], ['once']]);
    const out = all.network.seen.slice(before).filter(({ from }) => from === alice.party.line.jid);
    expect(out).toHaveLength(2);
  });

  it('another device under a known resource is another device, not a changed key', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withTwoDevices());
    await pocket.party.line.leave();
    all.network.lines.splice(all.network.lines.indexOf(pocket.party.line), 1);
    const party = all.party('bob', { keys: identityOf('bob-tablet'), resource: 'phone' });
    befriend(party, alice.party);
    await party.line.return();
    const tablet = new Seat(party, alice.party);
    await party.service.start(tablet.id);
    await all.settle();
    expect(alice.view.state).toBe('unverified');
    expect(alice.events).not.toContain('key-changed');
    expect(alice.view.devices).toHaveLength(3);
    expect(desk.view.state).toBe('unverified');
  });
});

describe('xep:S-24 a message for another device of ours', () => {
  it('is passed over without a line and without an answer', async () => {
    const trio = await stage(withTwoDevices());
    const { stage: all, alice, laptop: desk, phone: pocket } = trio;
    const other = all.party('alice', { keys: identityOf('alice-laptop'), resource: 'laptop' });
    befriend(other, desk.party);
    await other.line.return();
    const second = new Seat(other, desk.party);
    await pocket.type('for the first only');
    await desk.type('for the first, too');
    const handed = all.network.seen.filter(({ to }) => to === alice.party.line.jid).slice(-2);
    await all.settle();
    const before = all.network.seen.length;
    for (const { from, body } of handed) {
      await other.service.hear(messageOf(from, other.line.jid, body));
    }
    await all.settle();
    expect(handed).toHaveLength(2);
    expect([second.texts, second.events]).toEqual([[], []]);
    expect(all.network.seen).toHaveLength(before);
    expect(second.view.state).toBe('plain');
  });
});
