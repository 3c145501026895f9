// SPDX-License-Identifier: GPL-3.0-or-later
import type { WireEvent } from '#main/xmpp/wire.ts';
import { afterEach, describe, expect, it } from 'vitest';

import type { Pair, Party } from '../support/two-services.ts';
import { laptop, listDevices, phone, tagOf } from '../support/devices.ts';
import { offTheRecord, Seat, twoServices } from '../support/two-services.ts';

let pair: Pair;
afterEach(() => {
  pair.stage.close();
});

/** Longer than anybody flickers. */
const GRACE_MS = 16_000;

/** Bob has gone, and everybody knows. */
async function bobGone(begin: () => Promise<Pair>): Promise<Pair> {
  pair = await begin();
  await pair.bob.party.line.leave();
  await pair.stage.pass(GRACE_MS);
  return pair;
}

/** The same person starts the program again: what was in memory is gone. */
async function restarted(party: Party, other: Party): Promise<Seat> {
  party.service.stop();
  await party.line.leave();
  await pair.stage.settle();
  pair.stage.network.lines.splice(pair.stage.network.lines.indexOf(party.line), 1);
  const again = pair.stage.party(party.name, { after: party });
  await again.service.renewIdentity();
  return new Seat(again, other);
}

async function comesBack(seat: Seat): Promise<void> {
  await seat.party.line.return();
  await pair.stage.settle();
}

const bodiesTo = (seat: Seat) =>
  pair.stage.network.seen.filter(({ to }) => to.startsWith(seat.party.jid));

describe('somebody who is away', () => {
  it('ux:S5 ux:14 gets what is written with the keys they left, and reads it when they are back', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    expect(alice.view.composer).toBe('send');
    await alice.type('for when you are back');
    await stage.settle();
    expect(alice.messages.at(-1)).toMatchObject({ delivery: 'sent', protection: 'unverified' });
    const kept = bodiesTo(bob);
    expect(kept.map(({ to, keep }) => [to, keep])).toEqual([
      [bob.party.jid, true],
      [bob.party.jid, true],
    ]);
    expect(JSON.stringify(pair.stage.network.seen)).not.toContain('for when you are back');

    await stage.pass(3_600_000);
    await comesBack(bob);
    expect(bob.texts).toEqual(['for when you are back']);
    expect(bob.messages[0]?.writtenAt).toBeLessThan(bob.messages[0]?.at ?? 0);
    expect(bob.events).toEqual(['began-away']);
    expect(bob.view.state).toBe('unverified');
    expect(bob.party.failures).toEqual([]);
    expect(alice.party.failures).toEqual([]);
  });

  it('ux:14 pks:T-62 is answered after both have quit, and the answer is read after a restart', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('one');
    const aliceGone = await restarted(alice.party, bob.party);
    const bobBack = await restarted(bob.party, alice.party);
    await comesBack(bobBack);
    expect(bobBack.texts).toEqual(['one']);
    expect(bobBack.view.state).toBe('offline-unverified');
    await bobBack.type('two');
    await stage.settle();
    const bobGoneAgain = await restarted(bobBack.party, alice.party);
    await comesBack(aliceGone);
    expect(aliceGone.texts).toEqual(['two']);
    await stage.pass(GRACE_MS);
    expect(aliceGone.view.state).toBe('offline-unverified');
    await aliceGone.type('three');
    await stage.settle();
    await comesBack(bobGoneAgain);
    expect(bobGoneAgain.texts).toEqual(['three']);
    expect(bob.party.keys.forgotten).toHaveLength(1);
    expect(bob.party.keys.usedTimes).toBe(1);
    expect([alice, bobBack, bobGoneAgain, aliceGone].flatMap((one) => one.party.failures)).toEqual(
      [],
    );
  });

  it('otr:T-090 otr:S-23 ends what was live before, and begins anew; the other side reads on', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    expect(alice.view.composer).toBe('hold');
    const before = bodiesTo(bob).length;
    await alice.type('held, then kept');
    await stage.settle();
    await stage.pass(1);
    await stage.settle();
    expect(alice.view.state).toBe('offline-unverified');
    expect(
      bodiesTo(bob)
        .slice(before)
        .map(({ body, keep }) => [body.slice(0, 9), keep]),
    ).toEqual([
      ['?OTR:AAQD', true],
      ['?OTR:AAQN', true],
      ['?OTR:AAQD', true],
    ]);
    // The program never stopped: for Bob the chat is ended first, and then goes on (ADR 0036).
    await comesBack(bob);
    expect(bob.texts).toEqual(['held, then kept']);
    expect(bob.view.state).toBe('unverified');
    expect(bob.events).toContain('ended-by-peer');
    expect(bob.events.at(-1)).toBe('began-away');
  });

  it('otr:T-090 reads what begins in pieces after an end too', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    await alice.type('begun in pieces');
    await stage.settle();
    await stage.pass(1);
    await stage.settle();
    const kept = stage.network.spools.get(bob.party.jid) ?? [];
    stage.network.spools.set(bob.party.jid, kept.flatMap(inPieces));
    await comesBack(bob);
    expect(bob.events).toContain('ended-by-peer');
    expect(bob.texts).toEqual(['begun in pieces']);
    expect(bob.events.at(-1)).toBe('began-away');
  });

  it('goes on live when both are here and somebody writes; what is late is still read', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('one');
    await comesBack(bob);
    await stage.pass(GRACE_MS);
    await bob.type('two');
    await stage.settle();
    expect(alice.texts).toEqual(['one', 'two']);
    expect(bob.events).toContain('continued-live');
    expect(alice.events).toContain('continued-live');
    expect(rowsOf(alice)).toEqual([]);
    expect(rowsOf(bob)).toEqual([]);
    await alice.type('three');
    await stage.settle();
    expect(bob.texts).toEqual(['one', 'two', 'three']);
    expect([alice, bob].map(({ view }) => view.state)).toEqual(['unverified', 'unverified']);
  });

  it.each(['no-prekeys', 'no-server', 'not-valid', 'server-key-changed', 'unreachable'] as const)(
    'ux:S6 ux:15 pks:T-60 waits, and says why, when there are no keys: %s',
    async (why) => {
      const { alice, bob, stage } = await bobGone(twoServices);
      stage.keyServers.refusal = why;
      await alice.rules({ otr: 'always' });
      await alice.type('in time');
      await stage.settle();
      await stage.pass(1);
      expect(alice.view).toMatchObject({
        state: 'waiting',
        composer: 'hold',
        noKeys: why,
        heldCount: 1,
      });
      expect(stage.keyServers.asked).toHaveLength(1);
      await stage.pass(9 * 60_000);
      expect(stage.keyServers.asked).toHaveLength(1);
      stage.keyServers.refusal = undefined;
      await stage.pass(2 * 60_000);
      await stage.settle();
      expect(stage.keyServers.asked).toHaveLength(2);
      expect(alice.view).toMatchObject({
        state: 'offline-unverified',
        noKeys: undefined,
        heldCount: 0,
      });
      await comesBack(bob);
      expect(bob.texts).toEqual(['in time']);
    },
  );

  it('ux:S6 ux:2.5.5 is ended with what waits for them, where a chat was live until they went', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    stage.keyServers.refusal = 'no-prekeys';
    await alice.type('never sent');
    await stage.pass(1);
    expect(alice.view).toMatchObject({ state: 'waiting', heldCount: 1 });
    expect(alice.view.devices.map(({ inChat }) => inChat)).toEqual([true]);
    await alice.party.service.end(alice.id);
    expect(alice.messages).toEqual([]);
    expect(alice.view.devices.map(({ inChat }) => inChat)).toEqual([false]);
    expect(alice.party.service.openChats()).toEqual({ ending: 0, lasting: 0, held: 0 });
    stage.keyServers.refusal = undefined;
    await comesBack(bob);
    await stage.pass(20 * 60_000);
    expect(bob.texts).toEqual([]);
  });

  it('ux:15 gets what waited for keys as soon as they are back', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    stage.keyServers.refusal = 'no-prekeys';
    await bob.rules({ accept: 'contacts' });
    await alice.rules({ otr: 'always' });
    await alice.type('in time');
    await stage.pass(1);
    await comesBack(bob);
    await stage.pass(1);
    expect(bob.texts).toEqual(['in time']);
    expect(bob.events).toEqual(['started']);
  });

  it('ux:15 ux:2.5.9 is told apart when the program quits: what ends, what goes on, what was never sent', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    const { service } = alice.party;
    expect(service.openChats()).toEqual({ ending: 1, lasting: 0, held: 0 });
    stage.keyServers.refusal = 'no-prekeys';
    await service.end(alice.id);
    expect(service.openChats()).toEqual({ ending: 0, lasting: 0, held: 0 });
    await alice.rules({ otr: 'always' });
    await alice.type('not sent yet');
    await stage.pass(1);
    expect(alice.view.state).toBe('waiting');
    expect(service.openChats()).toEqual({ ending: 0, lasting: 0, held: 1 });
    stage.keyServers.refusal = undefined;
    await stage.pass(12 * 60_000);
    await stage.settle();
    expect(alice.view.state).toBe('offline-unverified');
    expect(service.openChats()).toEqual({ ending: 0, lasting: 1, held: 0 });
    await comesBack(bob);
    expect(bob.texts).toEqual(['not sent yet']);
  });

  it.each([false, true])(
    'ux:A7 ux:S10 is not written to with keys of another than the device we know, verified: %s',
    async (verified) => {
      const { alice, bob, stage } = await bobGone(offTheRecord);
      const tag = alice.view.session?.device.instanceTag;
      if (verified) await alice.party.service.compared(alice.id, tag ?? '', 'match');
      const mallory = stage.party('mallory');
      const [stolen] = mallory.keys.take();
      if (stolen === undefined) throw new TypeError('no ensemble');
      stage.keyServers.change = (ensembles) =>
        ensembles.map(({ ownerTag }) => ({ ...stolen, ownerTag }));
      const before = bodiesTo(bob).length;
      await alice.type('not for Mallory');
      await stage.pass(1);
      expect(tag).toBeDefined();
      expect(bodiesTo(bob)).toHaveLength(before);
      expect(alice.view).toMatchObject({ state: 'key-changed', composer: 'locked', heldCount: 1 });
    },
  );

  it('ux:A7 is written to with the keys we know, whatever else a server hands out for that device', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    const [stolen] = stage.party('mallory').keys.take();
    if (stolen === undefined) throw new TypeError('no ensemble');
    stage.keyServers.change = (ensembles) =>
      ensembles.flatMap((one) => [{ ...stolen, ownerTag: one.ownerTag }, one]);
    await alice.type('for Bob alone');
    await stage.pass(1);
    expect(alice.view).toMatchObject({ state: 'offline-unverified', heldCount: 0 });
    await comesBack(bob);
    expect(bob.texts).toEqual(['for Bob alone']);
  });

  it.each([
    ['only those left keys', [phone], ['started-away', 'not-announced']],
    ['it is announced', [phone, laptop], ['started-away']],
    ['nothing is announced', [], ['started-away']],
  ])(
    'PC-12 is said to be on a device that they do not announce, where %s',
    async (_, listed, events) => {
      const { alice } = await bobGone(twoServices);
      await listDevices(pair, listed);
      await begins(alice);
      expect(alice.events.filter((name) => name !== 'away-note')).toEqual(events);
    },
  );

  it('ux:A7 ux:S6 is not written to with keys of somebody else, which are not tried again either', async () => {
    const { alice, bob, stage } = await bobGone(offTheRecord);
    const [stolen] = stage.party('mallory').keys.take();
    if (stolen === undefined) throw new TypeError('no ensemble');
    stage.keyServers.change = () => [stolen];
    const before = bodiesTo(bob).length;
    await alice.type('not for Mallory either');
    await stage.pass(1);
    expect(bodiesTo(bob)).toHaveLength(before);
    expect(alice.view).toMatchObject({ state: 'waiting', noKeys: 'no-prekeys', heldCount: 1 });
    expect(alice.party.keys.given).toEqual([]);
    stage.keyServers.change = (same) => same;
    await stage.pass(11 * 60_000);
    await stage.settle();
    expect(alice.view).toMatchObject({ state: 'offline-unverified', heldCount: 0 });
    await comesBack(bob);
    expect(bob.texts).toEqual(['not for Mallory either']);
  });

  it('sec:T-O-NI-1 a prekey serves once: what is repeated, or names another, leads nowhere', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('once');
    await stage.settle();
    const kept = [...(stage.network.spools.get(bob.party.jid) ?? [])];
    await comesBack(bob);
    for (const { event } of [...kept, ...kept]) await bob.party.line.hear(event);
    expect(bob.texts).toEqual(['once']);
    expect(bob.party.keys.forgotten).toHaveLength(1);
    const again = await restarted(bob.party, alice.party);
    await again.party.line.return();
    for (const { event } of kept) await again.party.line.hear(event);
    expect(again.texts).toEqual([]);
    expect(again.view.state).toBe('unverified');
    expect(again.party.failures).toEqual([]);
  });

  it('the prekey and the session are one transaction: half of it is nothing', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('whole or not at all');
    await stage.settle();
    const kept = [...(stage.network.spools.get(bob.party.jid) ?? [])];
    const { forget } = bob.party.keys;
    Object.assign(bob.party.keys, {
      forget: () => {
        throw new Error('the disk is full');
      },
    });
    await comesBack(bob);
    expect(rowsOf(bob)).toEqual([]);
    expect(bob.view.state).toBe('plain');
    expect(bob.party.failures).toHaveLength(1);
    Object.assign(bob.party.keys, { forget });
    for (const { event } of kept) await bob.party.line.hear(event);
    expect(bob.texts).toEqual(['whole or not at all']);
    expect(rowsOf(bob)).toHaveLength(1);
  });

  it('xep:C-14 is reached on the device that finds it in the archive only, and once where both bring it', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('from the archive');
    await stage.settle();
    const kept = stage.network.spools.get(bob.party.jid) ?? [];
    const archived = kept.flatMap(({ event }, index) =>
      event.tag === 'message'
        ? [{ id: `a${String(index)}`, at: stage.clock.now(), message: event }]
        : [],
    );
    stage.network.archives.set(bob.party.jid, archived);
    bob.party.store.transaction((tx) => {
      bob.party.store.accounts.saveArchiveMark(tx, bob.party.account, { id: 'a', at: 0 });
    });
    stage.network.archives.set(bob.party.jid, [
      { ...archived[0]!, id: 'a', message: { ...archived[0]!.message, body: 'before' } },
      ...archived,
    ]);
    stage.network.spools.delete(bob.party.jid);
    await comesBack(bob);
    await stage.pass(1);
    expect(bob.texts.filter((text) => text === 'from the archive')).toHaveLength(1);
    for (const { event } of kept) await bob.party.line.hear(event);
    expect(bob.texts.filter((text) => text === 'from the archive')).toHaveLength(1);
    expect(bob.events).not.toContain('unreadable');
  });

  it('mode:I-02 mode:I-03 mode:I-05 is not written to where both have to be here', async () => {
    const { alice, bob, stage } = await bobGone(() => twoServices('interactive-only'));
    await alice.type('waits here');
    await alice.party.service.start(alice.id);
    await stage.pass(20 * 60_000);
    expect(stage.keyServers.asked).toEqual([]);
    expect(bodiesTo(bob)).toEqual([]);
    expect(alice.view).toMatchObject({ state: 'waiting', composer: 'hold', heldCount: 1 });
    expect(rowsOf(alice)).toEqual([]);
  });

  it('is not written to by the rule "only live chats"', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await alice.rules({ otr: 'always', liveOnly: true });
    await alice.type('waits here');
    await stage.pass(20 * 60_000);
    expect(stage.keyServers.asked).toEqual([]);
    expect(bodiesTo(bob)).toEqual([]);
    expect(alice.view).toMatchObject({ composer: 'hold', heldCount: 1 });
  });

  it('is asked for keys by the word of the user only, where plain text is the rule', async () => {
    const { alice, stage } = await bobGone(twoServices);
    await alice.type('in clear');
    await stage.pass(20 * 60_000);
    expect(stage.keyServers.asked).toEqual([]);
    expect(alice.view.state).toBe('plain');
  });

  it('ux:2.5.10 what beginning alone means is said once ever', async () => {
    const { alice, bob, stage } = await bobGone(twoServices);
    await begins(alice);
    expect(alice.events).toEqual(['started-away', 'away-note']);
    await comesBack(bob);
    await alice.party.service.end(alice.id);
    await bob.party.service.end(bob.id);
    await stage.settle();
    await bob.party.line.leave();
    await stage.pass(GRACE_MS);
    await begins(alice);
    expect(alice.events).toEqual(['ended-by-us', 'started-away']);
  });

  it('ux:S7 hears of the end when they are back, and nothing of it is left on disk', async () => {
    const { alice, bob } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('soon over');
    expect(rowsOf(alice)).toHaveLength(1);
    await alice.party.service.end(alice.id);
    expect(rowsOf(alice)).toEqual([]);
    expect(alice.texts).toEqual([]);
    await comesBack(bob);
    expect(bob.texts).toEqual(['soon over']);
    expect(bob.view.state).toBe('ended-by-peer');
    expect(rowsOf(bob)).toEqual([]);
  });

  it('ux:I-10 leaves no text on disk on either side, and no key that opens what was said', async () => {
    const { alice, bob } = await bobGone(twoServices);
    await begins(alice);
    await alice.type('neither here nor there');
    await comesBack(bob);
    for (const seat of [alice, bob]) {
      const { party } = seat;
      const dump = JSON.stringify(rowsOf(seat).map(({ sealed }) => [...sealed]));
      expect(dump).not.toContain([...new TextEncoder().encode('neither here')].join(','));
      const stored = party.store.messages.search({
        account: party.account,
        conversation: undefined,
        query: 'neither',
        before: undefined,
        limit: 10,
      });
      expect(stored).toEqual([]);
    }
  });
});

/** What of a party's sessions is on disk. */
const rowsOf = ({ party, other }: Seat) =>
  party.store.sealedSessions.ofPeer(party.account, other.jid);

/** Three of each message that is not short. */
function inPieces<K extends { readonly event: WireEvent }>(kept: K): readonly K[] {
  const { event } = kept;
  if (event.tag !== 'message' || event.body.length < 900) return [kept];
  const [from, to] = ['alice', 'bob'].map((name) => tagOf(name));
  const size = Math.ceil(event.body.length / 3);
  return [0, 1, 2].map((index) => {
    const piece = event.body.slice(index * size, (index + 1) * size);
    const body = `?OTR|0000abcd|${String(from)}|${String(to)},${String(index + 1)},3,${piece},`;
    return { ...kept, event: { ...event, body } };
  });
}

async function begins(alice: Seat): Promise<void> {
  await alice.party.service.start(alice.id);
  await pair.stage.settle();
  await pair.stage.pass(1);
  expect(alice.view.state).toBe('offline-unverified');
}
