// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { leftInClear, useStage } from '../support/expectations.ts';
import { offTheRecord, type Pair, twoServices } from '../support/two-services.ts';

const stage = useStage();

/** Delivers `count` frames, then the server dies and comes back. */
async function restartAfter({ stage: all }: Pair, count: number): Promise<void> {
  for (let delivered = 0; delivered < count; delivered += 1) await all.network.deliverOne();
  await all.network.restart();
  await all.settle();
}

describe('a server that dies', () => {
  it.each([0, 1, 2, 3, 4])(
    'sec:F-DAKE-1 in the middle of a start, after %i messages: both talk in the end, nothing is lost',
    async (count) => {
      const pair = await stage(twoServices);
      const { stage: all, alice, bob } = pair;
      await alice.party.service.start(alice.id);
      await alice.type('typed meanwhile');
      if (count > 0) {
        await all.network.deliverOne();
        await bob.party.service.accept(bob.id);
      }
      await restartAfter(pair, count - 1);
      if (count === 0) {
        await bob.party.service.accept(bob.id);
        await all.settle();
      }
      expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
      const [missed] = alice.messages.filter(({ delivery }) => delivery === 'unconfirmed');
      if (missed !== undefined) await alice.party.service.resend(alice.id, missed.id);
      await all.settle();
      expect(new Set(bob.texts)).toEqual(new Set(['typed meanwhile']));
      expect(leftInClear(all, 'typed meanwhile')).toEqual([]);
    },
  );

  it.each([0, 1, 2, 3])(
    'in the middle of a verification, after %i messages: it is over, no trust has changed',
    async (count) => {
      const pair = await stage(offTheRecord);
      const { stage: all, alice, bob } = pair;
      await alice.party.service.ask(alice.id, { method: 'question', question: 'Q', secret: 'A' });
      await all.settle();
      await bob.party.service.answer(bob.id, 'A');
      await restartAfter(pair, count);
      expect([alice.view.state, bob.view.state]).not.toContain('plain');
      for (const { verification } of [alice.view, bob.view]) {
        expect(['result', 'idle']).toContain(verification.tag);
      }
      if (count === 0) {
        expect(alice.view.state).toBe('unverified');
        expect(alice.view.verification).toMatchObject({ outcome: 'session-ended' });
      }
      await alice.party.service.dismissVerification(alice.id);
      await bob.party.service.dismissVerification(bob.id);
      await alice.party.service.ask(alice.id, { method: 'question', question: 'Q', secret: 'A' });
      await all.settle();
      await bob.party.service.answer(bob.id, 'A');
      await all.settle();
      expect(alice.view.state).toBe('verified');
    },
  );

  it.each([0, 1])(
    'sec:F-SM-2 in the middle of a conversation, after %i messages: what was not confirmed can be sent again, encrypted anew',
    async (count) => {
      const pair = await stage(offTheRecord);
      const { stage: all, alice, bob } = pair;
      await alice.type('first');
      await alice.type('second');
      const bodies = all.network.seen.map(({ body }) => body);
      await restartAfter(pair, count);
      expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
      expect(alice.messages.filter(({ delivery }) => delivery === 'failed')).toEqual([]);
      const missed = alice.messages.filter(({ delivery }) => delivery === 'unconfirmed');
      expect(missed).toHaveLength(2 - count);
      for (const { id } of missed) await alice.party.service.resend(alice.id, id);
      await all.settle();
      expect(bob.texts).toEqual(['first', 'second']);
      const later = all.network.seen.slice(bodies.length).map(({ body }) => body);
      expect(later.filter((body) => bodies.includes(body))).toEqual([]);
      expect([...leftInClear(all, 'first'), ...leftInClear(all, 'second')]).toEqual([]);
    },
  );

  it('ux:I-2 while text is held: it stays held, and is sent once', async () => {
    const pair = await stage(twoServices);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.start(alice.id);
    await alice.type('patience');
    await all.network.restart();
    await all.network.restart();
    await all.settle();
    expect(alice.messages).toMatchObject([{ delivery: 'held' }]);
    expect(bob.view.invitation).toBeDefined();
    await bob.party.service.accept(bob.id);
    await all.settle();
    expect(bob.texts).toEqual(['patience']);
  });

  it('sends no message twice that was only not confirmed', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.type('arrived');
    await all.network.deliverOne();
    await all.network.restart();
    await all.settle();
    expect(bob.texts).toEqual(['arrived']);
  });
});
