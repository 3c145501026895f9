// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { leftInClear } from '../support/expectations.ts';
import { messageOf, presenceOf, senderOf } from '../support/fake-wire.ts';
import {
  deviceOf,
  fatesOf,
  LAPTOP,
  laptop,
  listDevices,
  phone,
  PHONE,
  reinstalled,
  type Trio,
  withTwoDevices,
  withVerified,
} from '../support/devices.ts';
import { befriend, Seat, type Stage } from '../support/two-services.ts';
import { identityOf } from '../support/two-parties.ts';

let open: Stage | undefined;

async function stage(making: Promise<Trio>): Promise<Trio> {
  const trio = await making;
  open = trio.stage;
  return trio;
}

afterEach(() => {
  open?.close();
  open = undefined;
});

const last = ({ messages }: Seat) => messages.at(-1);

describe('a message to several devices', () => {
  it('ux:16 xep:X-35 is one message that names them, and tells of each how far it came', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await alice.type('to both');
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([['to both'], ['to both']]);
    expect(alice.texts).toEqual(['to both']);
    expect(last(alice)).toMatchObject({ protection: 'verified', delivery: 'delivered' });
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'delivered' });
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 2, verified: 2 } });
  });

  it('ux:2.5.7 waits for the one that is away, and leaves in order when it is back', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await pocket.party.line.leave();
    await alice.type('one');
    await alice.type('two');
    await all.settle();
    expect(desk.texts).toEqual(['one', 'two']);
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'held' });
    expect(last(alice)?.delivery).toBe('delivered');
    expect(alice.view.heldCount).toBe(0);
    await pocket.party.line.return();
    await all.settle();
    expect(pocket.texts).toEqual(['one', 'two']);
    expect(desk.texts).toEqual(['one', 'two']);
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'delivered' });
  });

  it('ux:2.5.10 says of one of them that it is away, and of the contact only when none is here', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await pocket.party.line.leave();
    await all.pass(15_000);
    expect(alice.events).toContain('device-away');
    expect(alice.events).not.toContain('contact-offline');
    await pocket.party.line.return();
    await all.settle();
    expect(alice.events).toContain('device-back');
    expect(alice.events).not.toContain('contact-back');
    await alice.party.service.setSendTo(alice.id, 'chosen', LAPTOP);
    await pocket.party.line.leave();
    await all.pass(15_000);
    expect(alice.events.filter((name) => name === 'device-away')).toHaveLength(1);
    await desk.party.line.leave();
    await all.pass(15_000);
    expect(alice.events).toContain('contact-offline');
  });

  it('does not wait for a device that has ended: it was not delivered there', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.hear(presenceOf(pocket.party.line.jid, false));
    await alice.type('too late');
    await pocket.party.service.end(pocket.id);
    await all.settle();
    expect(alice.events).toContain('left');
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 1 } });
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'failed' });
    const id = last(alice)?.id;
    if (id === undefined) throw new TypeError('nothing was sent');
    await expect(alice.party.service.resend(alice.id, id)).rejects.toMatchObject({
      code: 'session-needed',
    });
    await alice.type('for the laptop');
    await all.settle();
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered' });
  });

  it('that came back from one device is sent again to that one only', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    const { network } = all;
    network.fate = ({ to }) => (to === pocket.party.line.jid ? 0 : 1);
    await alice.type('again');
    await all.settle();
    const lost = network.seen.findLast(({ to }) => to === pocket.party.line.jid);
    const from = senderOf(pocket.party.line.jid);
    const condition = 'recipient-unavailable';
    await alice.party.service.hear({ tag: 'bounced', forId: lost?.id ?? '', from, condition });
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'failed' });
    expect(last(alice)?.delivery).toBe('delivered');
    network.fate = () => 1;
    const id = last(alice)?.id;
    if (id !== undefined) await alice.party.service.resend(alice.id, id);
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([['again'], ['again']]);
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'delivered' });
  });

  it('is not held up by a device that cannot read us: it gets it when it can again', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    const error = '?OTR Error: ERROR_1: Unreadable message';
    all.network.fate = ({ to, kind }) => (to === pocket.party.line.jid && kind !== 'chat' ? 0 : 1);
    await alice.party.service.hear(messageOf(pocket.party.line.jid, alice.party.jid, error));
    expect(alice.view.state).toBe('verified');
    await alice.type('still here');
    await all.settle();
    expect(desk.texts).toEqual(['still here']);
    expect(fatesOf(last(alice))).toEqual({ Laptop: 'delivered', Phone: 'held' });
    all.network.fate = () => 1;
    await alice.party.service.start(alice.id);
    await all.settle();
    await pocket.party.service.start(pocket.id);
    await all.settle();
    expect(pocket.texts).toEqual(['still here']);
  });
});

describe('ux:S4p a device that is not verified, beside one that is', () => {
  it('gets nothing, and is told as new, until the user says so', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    expect(alice.view.newDevices).toMatchObject([{ name: { label: 'Phone' } }]);
    await alice.type('for the laptop');
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([['for the laptop'], []]);
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'allow' });
    expect(alice.view).toMatchObject({
      state: 'mixed',
      composer: 'send',
      audience: { devices: 2, verified: 1, unverified: [{ label: 'Phone', instanceTag: PHONE }] },
      newDevices: [],
      rules: { verifiedOnly: true },
    });
    expect(deviceOf(alice, PHONE)).toMatchObject({ allowed: true, trust: { tag: 'unverified' } });
    await alice.type('for both');
    await all.settle();
    expect(pocket.texts).toEqual(['for both']);
    expect(last(alice)?.protection).toBe('unverified');
    expect(alice.events).toContain('device-allowed');
  });

  it('gets nothing any more when the user takes that back, or looked away from the card', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'allow' });
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'disallow' });
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 1 } });
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'ignore' });
    await alice.type('not for the phone');
    await all.settle();
    expect(pocket.texts).toEqual([]);
    expect(alice.view.newDevices).toEqual([]);
  });

  it('ux:S10 is let in no more when it shows another key', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'allow' });
    all.network.lines.splice(all.network.lines.indexOf(pocket.party.line), 1);
    const keys = reinstalled(all, 'bob-phone');
    const party = all.party('bob', { keys, resource: 'phone' });
    befriend(party, alice.party);
    await party.line.return();
    await party.service.start(new Seat(party, alice.party).id);
    await all.settle();
    await all.pass(1000);
    if (alice.view.invitation !== undefined) await alice.party.service.accept(alice.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'key-changed', composer: 'locked' });
    expect(alice.view.devices.filter(({ allowed }) => allowed)).toEqual([]);
  });

  it('ux:I-1 refuses what was typed before it was let in', async () => {
    const { alice } = await stage(withVerified(LAPTOP));
    const { stateToken } = alice.view;
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'allow' });
    await expect(alice.party.service.send(alice.id, 'for whom?', stateToken)).rejects.toMatchObject(
      { code: 'state-changed' },
    );
  });

  it('is alone allowed when the verified one has ended, and the chip says so', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'allow' });
    await desk.party.service.end(desk.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    await alice.type('to the phone');
    await all.settle();
    expect(pocket.texts).toEqual(['to the phone']);
  });

  it('locks the composer instead, where nobody let it in', async () => {
    const { stage: all, alice, laptop: desk } = await stage(withVerified(LAPTOP));
    await desk.party.service.end(desk.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'locked' });
    await expect(alice.type('to nobody')).rejects.toMatchObject({ code: 'conversation-locked' });
  });

  it('ux:16 is told from the verified one when it asks', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.rules({ accept: 'ask' });
    for (const [seat, instanceTag, isStrange] of [
      [pocket, PHONE, true],
      [desk, LAPTOP, false],
    ] as const) {
      await seat.party.service.end(seat.id);
      await all.settle();
      await seat.party.service.start(seat.id);
      await all.settle();
      expect(alice.view.invitation).toMatchObject({ device: { instanceTag }, isStrange });
      await alice.party.service.decline(alice.id);
      await all.settle();
    }
  });

  it('is verified by itself, not the device that gets messages', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    const asked = { method: 'secret', secret: 'tea' } as const;
    await alice.party.service.ask(alice.id, asked, PHONE);
    await all.settle();
    expect(desk.view.verification.tag).toBe('idle');
    expect(pocket.view.verification.tag).toBe('asked');
    await pocket.party.service.answer(pocket.id, 'tea');
    await all.settle();
    expect(deviceOf(alice, PHONE).trust.tag).toBe('verified');
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 2, verified: 2 } });
  });
});

describe('ux:2.5.8 send to', () => {
  it('only the device that was chosen, said by a line, and still so after a restart', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.setSendTo(alice.id, 'chosen', PHONE);
    const told = alice.timeline.findLast(({ kind }) => kind === 'event');
    expect(told).toMatchObject({ event: { name: 'send-to', rule: 'chosen', device: 'Phone' } });
    expect(alice.view.sendTo).toMatchObject({ rule: 'chosen', device: { label: 'Phone' } });
    await alice.type('for the phone');
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([[], ['for the phone']]);
    expect(fatesOf(last(alice))).toEqual({ Phone: 'delivered' });
    all.network.lines.splice(all.network.lines.indexOf(alice.party.line), 1);
    const again = new Seat(all.party('alice', { after: alice.party }), desk.party);
    expect(again.view.sendTo).toMatchObject({ rule: 'chosen', device: { instanceTag: PHONE } });
  });

  it('the device last active, though both are verified', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.setSendTo(alice.id, 'last-active');
    await desk.type('I am at the desk');
    await all.settle();
    await alice.type('to the desk');
    await all.settle();
    expect([desk.texts.at(-1), pocket.texts]).toEqual(['to the desk', []]);
  });

  it('the device last active is never one that is not verified where another one is', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.setSendTo(alice.id, 'last-active');
    await pocket.type('write to me');
    await all.settle();
    await alice.type('for the laptop');
    await all.settle();
    expect(pocket.texts).toEqual(['write to me']);
  });

  it('a chosen device that is away holds the text, though another one is here', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.setSendTo(alice.id, 'chosen', PHONE);
    await pocket.party.line.leave();
    expect(alice.view).toMatchObject({ state: 'verified', composer: 'hold' });
    await alice.type('later');
    await all.settle();
    expect(last(alice)?.delivery).toBe('held');
    await pocket.party.line.return();
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([[], ['later']]);
  });

  it('ux:I-3 a chosen device that has ended holds it too: nothing goes in clear beside the other', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.setSendTo(alice.id, 'chosen', PHONE);
    await pocket.party.service.end(pocket.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'waiting', composer: 'hold' });
    await alice.type('nobody else');
    await all.settle();
    expect(leftInClear(all, 'nobody else')).toEqual([]);
    await alice.party.service.start(alice.id);
    await all.settle();
    await pocket.party.service.accept(pocket.id);
    await all.settle();
    expect(pocket.texts).toEqual(['nobody else']);
  });

  it('takes no device that nobody has seen, and none that is blocked', async () => {
    const { alice } = await stage(withVerified(LAPTOP, PHONE));
    const { service } = alice.party;
    const unknown = service.setSendTo(alice.id, 'chosen', '00009999');
    await expect(unknown).rejects.toMatchObject({ code: 'input-invalid' });
    await service.changeDevice(alice.id, PHONE, { act: 'block', endsChat: false });
    const blocked = service.setSendTo(alice.id, 'chosen', PHONE);
    await expect(blocked).rejects.toMatchObject({ code: 'input-invalid' });
    expect(alice.view.sendTo).toEqual({ rule: 'verified' });
  });
});

describe('sec:F-DEV-1 devices side by side', () => {
  it('each pair has a session of its own, and starts disturb nobody', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withTwoDevices());
    const other = all.party('alice', {
      keys: identityOf('alice-laptop'),
      resource: 'alice-laptop',
    });
    befriend(other, desk.party);
    await other.line.return();
    const alice2 = new Seat(other, desk.party);
    await desk.rules({ accept: 'contacts' });
    await alice2.party.service.start(alice2.id);
    await all.settle();
    await pocket.type('from the phone');
    await desk.type('from the desk');
    await all.settle();
    // The phone talks with the first of Alice's devices only; the desk with the one last active.
    expect(alice.texts).toEqual(['from the phone']);
    expect(alice2.texts).toEqual(['from the desk']);
    expect(alice2.messages[0]?.devices[0]?.name.instanceTag).toBe(LAPTOP);
    expect(desk.view.devices.filter(({ live }) => live)).toHaveLength(2);
    expect([alice, alice2, desk, pocket].flatMap(({ party }) => party.failures)).toEqual([]);
  });

  it('a verified device that is here is invited to the running chat once, and joins it', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await alice.party.service.end(alice.id);
    await all.settle();
    await pocket.rules({ accept: 'contacts' });
    await desk.rules({ accept: 'contacts' });
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'verified', audience: { devices: 2 } });
    expect(alice.events).toContain('joined');
    await alice.type('to both again');
    await all.settle();
    expect([desk.texts.at(-1), pocket.texts.at(-1)]).toEqual(['to both again', 'to both again']);
  });

  it('an invitation that is not answered holds nothing up and is not repeated', async () => {
    const {
      stage: all,
      alice,
      laptop: desk,
      phone: pocket,
    } = await stage(withVerified(LAPTOP, PHONE));
    await desk.type('at the desk');
    await all.settle();
    await alice.party.service.end(alice.id);
    await all.settle();
    await desk.rules({ accept: 'contacts' });
    await pocket.party.service.clear(pocket.id);
    const before = all.network.seen.length;
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(pocket.view.invitation).toBeDefined();
    expect(alice.view).toMatchObject({
      state: 'verified',
      composer: 'send',
      audience: { devices: 1 },
    });
    await alice.type('meanwhile');
    await all.pass(20 * 60_000);
    expect(desk.texts).toContain('meanwhile');
    const invited = all.network.seen
      .slice(before)
      .filter(({ to, body }) => to === pocket.party.line.jid && body.startsWith('?OTR:AAQ1'));
    expect(invited).toHaveLength(1);
  });

  it('a device that ended by itself is not asked back', async () => {
    const { stage: all, alice, phone: pocket } = await stage(withVerified(LAPTOP, PHONE));
    await pocket.party.service.end(pocket.id);
    await all.settle();
    expect(pocket.view.invitation).toBeUndefined();
    expect(alice.view.audience.devices).toBe(1);
  });
});

describe('ux:S10 a contact who was verified', () => {
  it('sec:F-PEER-2 is stopped when nothing verified is left in the list, and only a new device is', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'forget', endsChat: false });
    await desk.party.service.end(desk.id);
    await desk.party.line.leave();
    await all.settle();
    await listDevices({ stage: all, alice }, [phone]);
    await pocket.party.service.start(pocket.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'key-changed', composer: 'locked' });
    expect(deviceOf(alice, PHONE).trust).toEqual({ tag: 'changed', why: 'only-new' });
    expect(alice.events).toContain('only-new');
    await alice.party.service.acceptKey(alice.id);
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'send' });
    expect(deviceOf(alice, LAPTOP).trust.tag).toBe('verified');
  });

  it('is not, where the verified device is still listed', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.party.service.changeDevice(alice.id, PHONE, { act: 'forget', endsChat: false });
    await desk.party.service.end(desk.id);
    await desk.party.line.leave();
    await all.settle();
    await listDevices({ stage: all, alice }, [laptop, phone]);
    await pocket.party.service.start(pocket.id);
    await all.settle();
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'locked' });
    expect(alice.view.newDevices).toMatchObject([{ name: { label: 'Phone' } }]);
  });
});

describe('ux:16 a phone that comes later', () => {
  it('is verified, and from then on both get what is written, without a restart', async () => {
    const { stage: all, alice, laptop: desk, phone: pocket } = await stage(withVerified(LAPTOP));
    await alice.type('for one');
    await all.settle();
    await alice.party.service.compared(alice.id, PHONE, 'match');
    await alice.type('for two');
    await all.settle();
    expect([desk.texts, pocket.texts]).toEqual([['for one', 'for two'], ['for two']]);
    expect(alice.view.devices.map(({ trust, live }) => [trust.tag, live])).toEqual([
      ['verified', true],
      ['verified', true],
    ]);
  });
});
