// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, describe, expect, it } from 'vitest';
import { parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { PREKEY_TYPE } from '#otr/prekey/message/header.ts';
import { createLongTermKey } from '#otr';
import { PrekeyStage, type Publisher } from '../support/prekey-stage.ts';
import { renewedIdentityOf } from '../support/two-parties.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const stages: PrekeyStage[] = [];

function newStage(): PrekeyStage {
  const stage = new PrekeyStage();
  stages.push(stage);
  return stage;
}

afterEach(() => {
  for (const stage of stages.splice(0)) stage.close();
});

const typeOf = (body: string): number | undefined => parsePrekeyArmor(body)[2];
/** What somebody said to servers, by kind. */
const said = ({ sent }: Publisher, type: number): number =>
  sent.filter(({ body }) => typeOf(body) === type).length;

/** Alice, who has published everything; as few keys as the server still has of them. */
async function published(stage: PrekeyStage, name = 'alice'): Promise<Publisher> {
  const party = stage.party(name);
  await party.goOnline();
  await stage.pass(MINUTE_MS);
  expect(party.view().stage).toBe('published');
  return party;
}

describe('publishing', () => {
  it('xep:X-14 xep:X-24 xep:X-25 puts profiles and a hundred keys on the server of the own domain, soon after the login', async () => {
    const stage = newStage();
    const { server, jid } = stage.server('example.org');
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(4000);
    expect(alice.searched).toEqual([]);
    await stage.pass(MINUTE_MS);
    expect(alice.failures).toEqual([]);
    expect(alice.searched).toEqual(['example.org']);
    const [device] = server.shelves.devices;
    expect(device?.messages).toHaveLength(100);
    expect(device?.clientProfile?.raw).toEqual(alice.identity?.profile.raw);
    expect(alice.view()).toMatchObject({ stage: 'published', left: 100, server: { jid } });
    expect(said(alice, PREKEY_TYPE.dake1)).toBe(2);
  });

  it('pks:T-54 fills up to a hundred below twenty, and not before', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const alice = await published(stage);
    const [device] = server.shelves.devices;
    const hand = async (left: number): Promise<void> => {
      for (const { id } of device?.messages.splice(0, device.messages.length - left) ?? []) {
        alice.store.transaction((tx) => {
          alice.service.forget(tx, id);
        });
        alice.service.used();
      }
      await stage.pass(2 * MINUTE_MS);
    };
    await hand(20);
    expect(device?.messages).toHaveLength(20);
    expect(alice.view().left).toBe(20);
    const before = stage.pairsMade;
    await hand(19);
    expect(stage.pairsMade - before).toBe(81);
    expect(device?.messages).toHaveLength(100);
  });

  it('sec:F-PK-8 pks:T-54 believes no count beyond what there is, and keeps a bounded number of secrets', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const alice = await published(stage);
    const [device] = server.shelves.devices;
    // A server that loses everything, or says so, again and again.
    for (let day = 0; day < 7; day += 1) {
      device?.messages.splice(0);
      await stage.pass(DAY_MS + 2 * HOUR_MS);
    }
    expect(stage.pairsMade).toBe(400);
    expect(alice.store.prekeys.ids(alice.account).size).toBe(400);
    // Those that must have been handed out are given up, and there is room again.
    await stage.pass(6 * DAY_MS);
    expect(stage.pairsMade).toBeGreaterThan(400);
    expect(alice.store.prekeys.ids(alice.account).size).toBeLessThanOrEqual(400);
  });

  it('pks:T-55 keeps what left without an answer, and finds it again', async () => {
    const stage = newStage();
    const offered = stage.server('example.org');
    offered.answers = (bodies) => bodies.filter((body) => typeOf(body) !== PREKEY_TYPE.success);
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(3 * MINUTE_MS);
    const [device] = offered.server.shelves.devices;
    const ids = device?.messages.map(({ id }) => id) ?? [];
    expect(ids).toHaveLength(100);
    expect(ids.every((id) => alice.service.find(id) !== undefined)).toBe(true);
    expect(alice.view()).toMatchObject({ stage: 'failing', trouble: { why: 'unreachable' } });
    offered.answers = (bodies) => bodies;
    await stage.pass(10 * MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'published', left: 100, trouble: undefined });
    expect(stage.pairsMade).toBe(100);
    expect(new Set(device?.messages.map(({ id }) => id)).size).toBe(100);
  });

  it('does not let leave what it could not store', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const alice = stage.party('alice');
    await alice.goOnline();
    alice.refusesToStore = true;
    await stage.pass(3 * MINUTE_MS);
    expect(server.shelves.devices).toEqual([]);
    expect(alice.failures).toHaveLength(1);
    alice.refusesToStore = false;
    await stage.pass(10 * MINUTE_MS);
    expect(server.shelves.devices[0]?.messages).toHaveLength(100);
  });

  it('goes on after a crash with what it had, and publishes nothing under another key', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const before = await published(stage);
    const after = stage.party('alice', { after: before });
    await after.goOnline();
    await stage.pass(12 * MINUTE_MS);
    expect(stage.pairsMade).toBe(100);
    const [device] = server.shelves.devices;
    const [first] = device?.messages ?? [];
    expect(after.service.find(first?.id ?? -1)?.published).toHaveLength(1);
    expect(said(after, PREKEY_TYPE.dake3)).toBe(1);
  });

  it('pks:T-56 sec:F-PK-6 waits longer each time when the server is not there, says so, and mends it', async () => {
    const stage = newStage();
    const offered = stage.server('example.org');
    const tries: number[] = [];
    offered.fate = () => {
      tries.push(stage.clock.monotonicNow());
      return 'bounces';
    };
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'failing', trouble: { why: 'unreachable' } });
    await stage.pass(2 * DAY_MS);
    const pauses = tries.slice(1).map((at, place) => (at - (tries[place] ?? 0)) / MINUTE_MS);
    expect(pauses.slice(0, 9)).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
    expect(stage.pairsMade).toBe(0);
    offered.fate = () => 'arrives';
    alice.service.repair();
    await stage.settle();
    expect(alice.view()).toMatchObject({ stage: 'published', left: 100, trouble: undefined });
  });

  it('pks:T-57 publishes both profiles anew when ours is renewed, and still knows the old ones for a day', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const alice = await published(stage);
    const [device] = server.shelves.devices;
    const [id = -1] = device?.messages.map((message) => message.id) ?? [];
    const first = device?.prekeyProfile;
    alice.identity = renewedIdentityOf('alice');
    alice.service.keysChanged();
    await stage.pass(2 * MINUTE_MS);
    expect(device?.clientProfile?.raw).toEqual(alice.identity.profile.raw);
    expect(device?.prekeyProfile?.raw).not.toEqual(first?.raw);
    expect(stage.pairsMade).toBe(100);
    expect(alice.service.find(id)?.published).toHaveLength(2);
    // A week later the Prekey Profile is due by itself; a day on, the first one is forgotten.
    await stage.pass(7 * DAY_MS + 20 * HOUR_MS);
    const kept = (): readonly unknown[] =>
      alice.service.find(id)?.published.map(({ prekeyProfile }) => prekeyProfile.raw) ?? [];
    expect(kept()).toContainEqual(first?.raw);
    await stage.pass(5 * HOUR_MS);
    expect(kept().length).toBeGreaterThan(0);
    expect(kept()).not.toContainEqual(first?.raw);
  });

  it('pks:T-50 warns and makes nothing when the server has another key than it announces', async () => {
    const stage = newStage();
    const offered = stage.server('example.org');
    const other = stage.server('other.example', 'prekey', {
      longTermKey: createLongTermKey(stage.env),
    });
    offered.fingerprint = other.fingerprint;
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'failing', trouble: { why: 'wrong-key' } });
    expect(stage.pairsMade).toBe(0);
    expect(offered.server.shelves.devices).toEqual([]);
  });

  it('pks:T-51 sec:F-PK-12 stops when the fingerprint changes, until the user says so', async () => {
    const stage = newStage();
    const offered = stage.server('example.org');
    const alice = await published(stage);
    const rotated = stage.server('other.example', 'prekey', {
      longTermKey: createLongTermKey(stage.env),
      serverJid: offered.jid,
      publisherDomains: ['example.org'],
    });
    const before = offered.fingerprint;
    Object.assign(offered, { server: rotated.server, fingerprint: rotated.fingerprint });
    const exchanges = said(alice, PREKEY_TYPE.dake1);
    await stage.pass(DAY_MS + 3 * HOUR_MS);
    expect(said(alice, PREKEY_TYPE.dake1)).toBe(exchanges);
    const changed = { domain: 'example.org', code: before, newCode: offered.fingerprint };
    expect(alice.view()).toMatchObject({ stage: 'server-changed', changed: [changed] });
    // Asked again it is the same, whoever asks.
    alice.service.repair();
    await stage.settle();
    expect(said(alice, PREKEY_TYPE.dake1)).toBe(exchanges);
    alice.service.acceptServerKey(offered.jid);
    await stage.pass(MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'published', changed: [], left: 100 });
    expect(rotated.server.shelves.devices[0]?.messages).toHaveLength(100);
  });

  it('uses no server that the user has stopped, and uses it again when asked to', async () => {
    const stage = newStage();
    const { jid } = stage.server('example.org');
    const alice = await published(stage);
    const bob = stage.party('bob');
    alice.service.stopUsingServer(jid);
    await stage.settle();
    const exchanges = said(alice, PREKEY_TYPE.dake1);
    await stage.pass(2 * DAY_MS);
    expect(alice.view().stage).toBe('stopped');
    expect(said(alice, PREKEY_TYPE.dake1)).toBe(exchanges);
    expect(await alice.service.fetch(bob.jid, 'latest')).toEqual({ tag: 'none', why: 'no-server' });
    alice.service.acceptServerKey(jid);
    await stage.pass(MINUTE_MS);
    expect(alice.view().stage).toBe('published');
  });

  it('ux:2.5.12 leaves none where the user does not want it, reads what was begun with earlier ones, and goes on when asked to', async () => {
    const stage = newStage();
    const { server } = stage.server('example.org');
    const alice = await published(stage);
    const [first] = server.shelves.devices[0]?.messages ?? [];
    alice.service.setLeavesKeys(false);
    const exchanges = said(alice, PREKEY_TYPE.dake1);
    alice.service.used();
    alice.service.repair();
    await stage.pass(2 * DAY_MS);
    await alice.goOffline();
    await alice.goOnline();
    await stage.pass(HOUR_MS);
    expect(said(alice, PREKEY_TYPE.dake1)).toBe(exchanges);
    expect(alice.view()).toMatchObject({ stage: 'off', nextLookAt: undefined });
    expect(alice.service.find(first?.id ?? 0)).toBeDefined();
    const again = stage.party('alice', { after: alice });
    await again.goOnline();
    await stage.pass(HOUR_MS);
    expect(said(again, PREKEY_TYPE.dake1)).toBe(0);
    again.service.setLeavesKeys(true);
    await stage.pass(HOUR_MS);
    expect(again.view()).toMatchObject({ stage: 'published', left: 100 });
  });

  it('ux:2.5.12 can still ask for the keys of others', async () => {
    const stage = newStage();
    stage.server('example.org');
    const alice = await published(stage);
    const bob = stage.party('bob');
    bob.service.setLeavesKeys(false);
    await bob.goOnline();
    const fetching = bob.service.fetch(alice.jid, 'latest');
    await stage.settle();
    expect(await fetching).toMatchObject({ tag: 'found' });
    expect(said(bob, PREKEY_TYPE.dake1)).toBe(0);
  });

  it('pks:T-52 pks:T-53 passes over what others say in its place, and an answer with a wrong MAC', async () => {
    const stage = newStage();
    const offered = stage.server('example.org');
    const other = stage.server('other.example', 'prekey', {
      longTermKey: createLongTermKey(stage.env),
    });
    const spoilt = (body: string): string => {
      const bytes = parsePrekeyArmor(body).slice();
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return `${Buffer.from(bytes).toString('base64')}.`;
    };
    const alice = stage.party('alice');
    offered.answers = (bodies) =>
      bodies.flatMap((body) => {
        if (typeOf(body) !== PREKEY_TYPE.success) return [body];
        void stage.say(alice, other.jid, body);
        return [spoilt(body), body];
      });
    await alice.goOnline();
    await stage.pass(MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'published', left: 100 });
  });

  it('xep:X-21 pks:T-48 chooses at random among several, anew at each login', async () => {
    const stage = newStage();
    const offered = ['one', 'two', 'three'].map((name) => stage.server('example.org', name));
    for (const each of offered) each.fate = () => 'bounces';
    const alice = stage.party('alice');
    for (let login = 0; login < 300; login += 1) {
      await alice.goOnline();
      alice.service.repair();
      await stage.settle();
      await alice.goOffline();
    }
    const chosen = offered.map(({ jid }) => alice.sent.filter(({ to }) => to === jid).length);
    expect(chosen.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(300);
    // One in a million runs would be outside of this.
    for (const count of chosen) expect(count / alice.sent.length).toBeGreaterThan(0.2);
  });

  it('does not ask a provider without a prekey server more than about once a day', async () => {
    const stage = newStage();
    const alice = stage.party('alice');
    await alice.goOnline();
    await stage.pass(MINUTE_MS);
    expect(alice.view()).toMatchObject({ stage: 'no-server', left: undefined });
    await stage.pass(20 * HOUR_MS);
    expect(alice.searched).toHaveLength(1);
    await stage.pass(8 * HOUR_MS);
    expect(alice.searched).toHaveLength(2);
  });
});
