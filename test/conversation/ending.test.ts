// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leftInClear, useStage } from '../support/expectations.ts';
import { senderOf } from '../support/fake-wire.ts';
import { befriend, offTheRecord, type Pair, Seat } from '../support/two-services.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const stage = useStage();

/** Every byte of the profile, as somebody who has the folder reads it. */
function readProfile({ party }: Seat): string {
  return readdirSync(party.folder)
    .map((name) => readFileSync(join(party.folder, name), 'latin1'))
    .join('');
}

async function chatted(): Promise<Pair> {
  const pair = await stage(offTheRecord);
  await pair.alice.type('first words');
  await pair.stage.settle();
  await pair.bob.type('second words');
  await pair.stage.settle();
  return pair;
}

describe('ending off the record', () => {
  it('ux:20 guide:R-17 removes the messages of the one who ends, and leaves a tombstone', async () => {
    const { stage: all, alice, bob } = await chatted();
    await alice.party.service.end(alice.id);
    await all.settle();
    expect(alice.texts).toEqual([]);
    expect(alice.timeline).toMatchObject([
      { kind: 'tombstone', count: 2 },
      { kind: 'event', event: { name: 'ended-by-us', removed: 2 } },
    ]);
    expect(alice.view).toMatchObject({ state: 'plain-available', composer: 'send' });
    expect(bob.texts).toEqual(['first words', 'second words']);
  });

  it('ux:20 ux:I-10 guide:R-11 guide:R-14 leaves nothing on disk, in search, or after a restart', async () => {
    const { stage: all, alice } = await chatted();
    const { party } = alice;
    expect(party.service.search('words')).toEqual([]);
    expect(readProfile(alice)).not.toContain('words');
    await party.service.end(alice.id);
    const again = all.party('alice', { after: party });
    expect(again.service.history({ id: alice.id, limit: 200 })).toEqual([]);
    expect(party.store.messages.summary(alice.id).last).toBeUndefined();
  });

  it('ux:I-10 names neither text nor sender of it in what is announced', async () => {
    const { alice, bob } = await chatted();
    for (const { party } of [alice, bob]) {
      const announced = party.published.filter(({ name }) => name === 'announce');
      expect(announced).toMatchObject([{ payload: { kind: 'off-the-record' } }]);
    }
    expect(bob.party.service.contacts()).toMatchObject([{ preview: { kind: 'off-the-record' } }]);
  });

  it('ux:12 ux:S7 ux:I-1 keeps back what is typed at the moment the other side ends', async () => {
    const { stage: all, alice, bob } = await chatted();
    const token = alice.view.stateToken;
    await bob.party.service.end(bob.id);
    await all.settle();
    const before = all.network.seen.length;
    await expect(alice.party.service.send(alice.id, 'too late', token)).rejects.toMatchObject({
      code: 'state-changed',
    });
    await expect(alice.type('too late')).rejects.toMatchObject({ code: 'conversation-locked' });
    expect(alice.view).toMatchObject({ state: 'ended-by-peer', composer: 'locked' });
    expect(alice.view.endedAt).toBeDefined();
    expect(all.network.seen.length).toBe(before);
    expect(leftInClear(all, 'too late')).toEqual([]);
  });

  it('ux:13 ux:I-3 unlocks after an explicit act, and sends nothing by it', async () => {
    const { stage: all, alice, bob } = await chatted();
    await bob.party.service.end(bob.id);
    await all.settle();
    const before = all.network.seen.length;
    await alice.party.service.writeUnencrypted(alice.id);
    await all.settle();
    expect(all.network.seen.length).toBe(before);
    expect(alice.view).toMatchObject({ state: 'plain-available', composer: 'send' });
    await alice.type('now in clear');
    await all.settle();
    expect(leftInClear(all, 'now in clear')).toHaveLength(1);
  });

  it('guide:R-18 offers no way back to clear text under "always"', async () => {
    const { stage: all, alice, bob } = await chatted();
    await alice.rules({ otr: 'always' });
    await bob.party.service.end(bob.id);
    await all.settle();
    await expect(alice.party.service.writeUnencrypted(alice.id)).rejects.toMatchObject({
      code: 'conversation-locked',
    });
    expect(alice.view.composer).toBe('locked');
  });

  it('ux:2.5.7 never sends in clear what did not arrive off the record', async () => {
    const { stage: all, alice, bob } = await chatted();
    all.network.fate = () => 0;
    const id = await alice.type('never in clear');
    all.network.fate = () => 1;
    await all.network.restart();
    const { length: before } = all.network.seen;
    await bob.party.service.end(bob.id);
    await alice.party.service.end(alice.id);
    await all.settle();
    await expect(alice.party.service.resend(alice.id, id)).rejects.toMatchObject({
      code: 'input-invalid',
    });
    expect(all.network.seen.slice(before).filter(({ kind }) => kind === 'chat')).toEqual([]);
  });

  it('ux:2.5.7 asks for a new chat before it sends a failed text again', async () => {
    const { stage: all, alice, bob } = await chatted();
    await alice.rules({ keep: 'until-quit' });
    await alice.party.line.lose([]);
    await alice.party.line.resume();
    all.network.fate = () => 0;
    const id = await alice.type('never in clear');
    all.network.fate = () => 1;
    const forId = all.network.seen.at(-1)?.id ?? '';
    await bob.party.service.end(bob.id);
    await all.settle();
    await alice.party.service.hear({
      tag: 'bounced',
      forId,
      from: senderOf(bob.party.line.jid),
      condition: 'gone',
    });
    await alice.party.service.writeUnencrypted(alice.id);
    expect(alice.messages.at(-1)).toMatchObject({ id, delivery: 'failed' });
    await expect(alice.party.service.resend(alice.id, id)).rejects.toMatchObject({
      code: 'session-needed',
    });
    await all.settle();
    expect(leftInClear(all, 'never in clear')).toEqual([]);
  });

  it('ux:S7 keeps the ended chat readable until it is cleared', async () => {
    const { stage: all, alice, bob } = await chatted();
    await bob.party.service.end(bob.id);
    await all.settle();
    expect(alice.messages.every(({ ended }) => ended)).toBe(true);
    expect(alice.timeline.at(-1)).toMatchObject({ kind: 'line', edge: 'end' });
    await alice.party.service.clear(alice.id);
    expect(alice.timeline).toMatchObject([{ kind: 'tombstone', count: 2 }]);
    expect(alice.view.composer).toBe('locked');
  });

  it('guide:R-19 removes on the side that asks for it only', async () => {
    const { stage: all, alice, bob } = await chatted();
    await bob.party.service.end(bob.id);
    await all.settle();
    expect([alice.texts.length, bob.texts.length]).toEqual([2, 0]);
  });

  it('starts again after an end, from either side', async () => {
    const { stage: all, alice, bob } = await chatted();
    await bob.party.service.end(bob.id);
    await all.settle();
    await alice.party.service.start(alice.id);
    await all.settle();
    await bob.party.service.accept(bob.id);
    await all.settle();
    await alice.type('third words');
    await all.settle();
    expect(bob.texts).toEqual(['third words']);
    expect(alice.messages.map(({ ended }) => ended)).toEqual([true, true, false]);
  });

  it('ux:S8 sec:F-EXP-1 expires after two hours without an answer, and is locked then', async () => {
    const { stage: all, alice, bob } = await chatted();
    await all.pass(2 * HOUR_MS + 1);
    expect(alice.view).toMatchObject({ composer: 'locked' });
    expect(['expired', 'ended-by-peer']).toContain(alice.view.state);
    expect([alice.view.state, bob.view.state]).toContain('expired');
    expect([...alice.events, ...bob.events]).toContain('expired');
  });

  it.each([HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, 10 * YEAR_MS, -10 * YEAR_MS])(
    'sec:F-CLK-1 is neither ended nor kept by a clock that is set by %i ms',
    async (byMs) => {
      const { stage: all, alice, bob } = await chatted();
      all.clock.setWall(byMs);
      await all.pass(HOUR_MS);
      await alice.type('what time is it?');
      await bob.type('time to talk');
      await all.settle();
      expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
      for (const { texts } of [alice, bob]) {
        expect(texts).toEqual(expect.arrayContaining(['what time is it?', 'time to talk']));
      }
      all.clock.setWall(-byMs);
      await all.pass(2 * HOUR_MS + 1);
      expect([alice.view.state, bob.view.state]).toContain('expired');
    },
  );

  it('clears all chats at once, whatever the rules say', async () => {
    const { stage: all, alice, bob } = await chatted();
    await alice.rules({ keep: 'week' });
    await alice.party.service.clearAll();
    await all.settle();
    expect(alice.texts).toEqual([]);
    expect(bob.view.state).toBe('ended-by-peer');
  });

  it('has nothing to complain of where something was due in the moment of quitting', async () => {
    const { stage: all, alice, bob } = await chatted();
    expect(all.clock.step(YEAR_MS).fired).toBe(true);
    for (const { party } of [alice, bob]) party.service.stop();
    await all.settle();
    await new Promise(setImmediate);
    expect([alice.party.failures, bob.party.failures]).toEqual([[], []]);
  });

  it('decision 8: says goodbye to everyone when the application stops', async () => {
    const { stage: all, alice, bob } = await chatted();
    alice.party.service.stop();
    await all.settle();
    expect(bob.view.state).toBe('ended-by-peer');
    await expect(alice.party.service.start(alice.id)).rejects.toMatchObject({
      code: 'not-connected',
    });
  });

  it('decision 8: ends every chat when the account leaves its server, and no other', async () => {
    const { stage: all, alice, bob } = await chatted();
    const carol = all.party('carol');
    befriend(alice.party, carol);
    const other = new Seat(alice.party, carol);
    expect(other.view.state).toBe('plain');
    await alice.party.service.endAll();
    await all.settle();
    expect(bob.view.state).toBe('ended-by-peer');
    expect(other.timeline).toEqual([]);
  });

  it('goes on under a renewed profile', async () => {
    const { stage: all, alice, bob } = await chatted();
    await alice.party.service.renewIdentity();
    await alice.type('third words');
    await all.settle();
    expect(bob.texts.at(-1)).toBe('third words');
  });

  it('sec:F-MSG-1 reads on after a lost message', async () => {
    const { stage: all, alice, bob } = await chatted();
    all.network.fate = () => 0;
    await alice.type('lost');
    await all.settle();
    all.network.fate = () => 1;
    await alice.type('arrives');
    await all.settle();
    expect(bob.texts.at(-1)).toBe('arrives');
  });
});

describe('how long messages stay', () => {
  it('ux:20 removes them an hour after they were read, where the user wants that', async () => {
    const { stage: all, alice, bob } = await chatted();
    await bob.rules({ keep: 'hour' });
    await bob.party.service.markRead(bob.id);
    expect(bob.messages.every(({ vanishesAt }) => vanishesAt !== undefined)).toBe(true);
    await all.pass(HOUR_MS);
    expect(bob.texts).toEqual([]);
    expect(bob.timeline.filter(({ kind }) => kind === 'tombstone')).toMatchObject([{ count: 2 }]);
    expect(alice.texts).toHaveLength(2);
    expect(bob.party.published).toContainEqual({
      name: 'conversation.items-removed',
      payload: { id: bob.id, items: expect.arrayContaining([expect.any(String)]) as unknown },
    });
  });

  it('keeps what has not been read', async () => {
    const { stage: all, bob } = await chatted();
    await bob.rules({ keep: 'hour' });
    await all.pass(HOUR_MS);
    expect(bob.texts).toHaveLength(2);
  });

  it('keeps them after the end where the user wants them until quitting', async () => {
    const { alice } = await chatted();
    await alice.rules({ keep: 'until-quit' });
    await alice.party.service.end(alice.id);
    expect(alice.messages.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it('applies a changed rule to what has been read already', async () => {
    const { alice } = await chatted();
    await alice.party.service.markRead(alice.id);
    expect(alice.messages.map(({ vanishesAt }) => vanishesAt)).toEqual([undefined, undefined]);
    await alice.rules({ keep: 'day' });
    expect(alice.messages.every(({ vanishesAt }) => vanishesAt !== undefined)).toBe(true);
    await alice.rules({ keep: 'until-end' });
    expect(alice.messages.map(({ vanishesAt }) => vanishesAt)).toEqual([undefined, undefined]);
  });
});
