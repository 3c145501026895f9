// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import type { Question } from '#main/conversation/verification.ts';
import { useStage } from '../support/expectations.ts';
import { offTheRecord, type Pair, type Seat, twoServices } from '../support/two-services.ts';

const MINUTE_MS = 60_000;

const stage = useStage();

const question = (secret: string): Question => ({
  method: 'question',
  question: 'Where did we meet?',
  secret,
});

/** One asks, the other answers, both are told. */
async function compare(
  { stage: all }: Pair,
  [asker, asked]: readonly [Seat, Seat],
  asking: Question,
  answer: string,
): Promise<void> {
  await asker.party.service.ask(asker.id, asking);
  await all.settle();
  await asked.party.service.answer(asked.id, answer);
  await all.settle();
}

async function dismiss({ alice, bob }: Pair): Promise<void> {
  await alice.party.service.dismissVerification(alice.id);
  await bob.party.service.dismissVerification(bob.id);
}

const tagOf = (seat: Seat): string => seat.view.devices[0]?.name.instanceTag ?? '';

describe('verification', () => {
  it('ux:8 says that answers differ, changes nothing, and succeeds at the second try', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await compare(pair, [alice, bob], question('Paris'), 'paris');
    expect(alice.view).toMatchObject({
      state: 'unverified',
      verification: { tag: 'result', outcome: 'mismatch', method: 'question' },
    });
    expect(bob.view.verification).toMatchObject({ outcome: 'mismatch' });
    await dismiss(pair);
    await compare(pair, [alice, bob], question('Paris'), 'Paris');
    expect(alice.view).toMatchObject({
      state: 'verified',
      verification: { outcome: 'matched-asked' },
      devices: [{ trust: { tag: 'verified', method: 'question' } }],
    });
    expect(alice.events).toContain('verified');
  });

  it('ux:8 tells who answered that they are verified and have verified nobody', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await compare(pair, [alice, bob], question('Paris'), 'Paris');
    expect(bob.view).toMatchObject({
      state: 'unverified',
      verification: { outcome: 'matched-answered' },
      devices: [{ trust: { tag: 'unverified' } }],
    });
    expect(bob.events).toContain('verified-us');
  });

  it('ux:I-6 says that both are verified once each has answered the other', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await compare(pair, [alice, bob], question('Paris'), 'Paris');
    await dismiss(pair);
    await compare(pair, [bob, alice], question('Lisbon'), 'Lisbon');
    expect(bob.view).toMatchObject({
      state: 'verified',
      verification: { outcome: 'matched-both', method: 'question' },
    });
    expect(alice.view.verification).toMatchObject({ outcome: 'matched-both' });
  });

  it('ux:2.5.11 verifies both with a secret both knew', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await compare(pair, [alice, bob], { method: 'secret', secret: ' Tram 4 ' }, 'Tram 4');
    expect([alice.view.state, bob.view.state]).toEqual(['verified', 'verified']);
    expect(bob.view.verification).toMatchObject({ outcome: 'matched-both', method: 'secret' });
  });

  it('ux:9 verifies both with six digits that were read aloud', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.ask(alice.id, { method: 'code' });
    await all.settle();
    const { verification } = alice.view;
    const code = verification.tag === 'waiting' ? (verification.code ?? '') : '';
    expect(code).toMatch(/^[0-9]{6}$/);
    expect(JSON.stringify(bob.party.published)).not.toContain(code);
    await bob.party.service.answer(bob.id, code);
    await all.settle();
    expect([alice.view.state, bob.view.state]).toEqual(['verified', 'verified']);
    expect(alice.view.devices).toMatchObject([{ trust: { method: 'code' } }]);
  });

  it('ux:2.5.11 verifies by comparing codes, and locks when they differ', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await alice.party.service.compared(alice.id, tagOf(alice), 'match');
    expect(alice.view).toMatchObject({ state: 'verified', composer: 'send' });
    await bob.party.service.compared(bob.id, tagOf(bob), 'different');
    expect(bob.view).toMatchObject({ state: 'key-changed', composer: 'locked' });
    await expect(bob.type('x')).rejects.toMatchObject({ code: 'conversation-locked' });
  });

  it('BTBV: after the first success only verified devices are written to', async () => {
    const pair = await stage(offTheRecord);
    const { alice } = pair;
    expect(alice.view.rules.verifiedOnly).toBe(false);
    await compare(pair, [alice, pair.bob], question('a'), 'a');
    expect(alice.view.rules.verifiedOnly).toBe(true);
    await alice.party.service.removeVerification(alice.id, tagOf(alice));
    expect(alice.view).toMatchObject({ state: 'unverified', composer: 'locked' });
  });

  it('ux:2.5.11 keeps a verification that a later mismatch puts in doubt', async () => {
    const pair = await stage(offTheRecord);
    const { alice, bob } = pair;
    await alice.party.service.compared(alice.id, tagOf(alice), 'match');
    await compare(pair, [alice, bob], question('one'), 'two');
    expect(alice.view).toMatchObject({
      state: 'verified',
      verification: { outcome: 'mismatch-verified' },
    });
    await alice.party.service.removeVerification(alice.id, tagOf(alice));
    expect(alice.view.state).toBe('unverified');
    expect(alice.events).toContain('verification-removed');
  });

  it('ux:2.5.11 pauses for a minute after three mismatches in ten', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const paused: boolean[] = [];
    for (let times = 0; times < 3; times += 1) {
      await compare(pair, [alice, bob], question('right'), 'wrong');
      const { verification } = alice.view;
      if (verification.tag === 'result') paused.push(verification.paused);
      await dismiss(pair);
    }
    expect(paused).toEqual([false, false, true]);
    await expect(alice.party.service.ask(alice.id, question('right'))).rejects.toMatchObject({
      code: 'verification-paused',
    });
    await all.pass(MINUTE_MS);
    await expect(alice.party.service.ask(alice.id, question('right'))).resolves.toBeUndefined();
  });

  it('ux:A3 shows no more than three questions in ten minutes', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    let shown = 0;
    for (let times = 0; times < 20; times += 1) {
      await alice.party.service.ask(alice.id, question('again'));
      await all.settle();
      if (bob.view.verification.tag === 'asked') shown += 1;
      await alice.party.service.cancelVerification(alice.id);
      await all.settle();
      await dismiss(pair);
    }
    expect(shown).toBe(3);
    expect(bob.view.devices).toMatchObject([{ trust: { tag: 'unverified' } }]);
    expect(bob.events.filter((name) => name === 'asks-too-often')).toHaveLength(1);
  });

  it('ux:2.5.11 shows no question for the rest of the day to who wants none', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const isAsked = async (): Promise<boolean> => {
      await alice.party.service.ask(alice.id, question('again'));
      await all.settle();
      const { tag } = bob.view.verification;
      await alice.party.service.cancelVerification(alice.id);
      await all.settle();
      await dismiss(pair);
      return tag === 'asked';
    };
    const midnight = new Date(all.clock.now()).setHours(24, 0, 0, 0);
    await bob.party.service.muteVerification(bob.id);
    await bob.party.service.muteVerification(bob.id);
    expect(bob.events).toEqual(expect.arrayContaining(['questions-muted']));
    expect(await isAsked()).toBe(false);
    expect(bob.events.filter((name) => name === 'questions-muted')).toHaveLength(1);
    expect(bob.events).not.toContain('asks-too-often');
    await compare(pair, [bob, alice], question('mine'), 'mine');
    expect(bob.view.state).toBe('verified');
    await dismiss(pair);
    while (all.clock.now() < midnight) {
      await all.pass(Math.min(30 * MINUTE_MS, midnight - all.clock.now()));
      await alice.type('still there?');
      await bob.type('still there.');
      await all.settle();
    }
    expect(await isAsked()).toBe(true);
  });

  it('ux:I-7 changes no trust when either side cancels', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.ask(alice.id, question('x'));
    await all.settle();
    await bob.party.service.cancelVerification(bob.id);
    await all.settle();
    expect(alice.view.verification).toMatchObject({ outcome: 'cancelled-by-peer' });
    expect(alice.view.state).toBe('unverified');
    await dismiss(pair);
    await alice.party.service.ask(alice.id, question('x'));
    await alice.party.service.cancelVerification(alice.id);
    await all.settle();
    expect(alice.view.verification).toMatchObject({ outcome: 'cancelled-by-us' });
    expect(bob.view.verification).toMatchObject({ outcome: 'cancelled-by-peer' });
  });

  it('ux:2.5.11 ends both when both ask at once', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.ask(alice.id, question('one'));
    await bob.party.service.ask(bob.id, question('two'));
    await all.settle();
    const outcomes = [alice, bob].map(({ view }) => view.verification);
    for (const verification of outcomes) expect(verification.tag).toBe('result');
    expect(JSON.stringify(outcomes)).toContain('collided');
    expect([alice.view.state, bob.view.state]).toEqual(['unverified', 'unverified']);
  });

  it('ux:2.5.11 ends with the chat', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.ask(alice.id, question('x'));
    await all.settle();
    await bob.party.service.end(bob.id);
    await all.settle();
    expect(alice.view.verification).toMatchObject({ outcome: 'session-ended' });
  });

  it('ux:A2 shows a question cleaned, cut, and as text', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    const hostile = `<img src=x>\u202E${'long '.repeat(100)}`;
    await alice.party.service.ask(alice.id, { method: 'question', question: hostile, secret: 's' });
    await all.settle();
    const { verification } = bob.view;
    const shown = verification.tag === 'asked' ? (verification.question ?? '') : '';
    expect(shown.startsWith('<img src=x> long')).toBe(true);
    expect(Array.from(shown).length).toBeLessThanOrEqual(300);
  });

  it('does one at a time, and none without a chat', async () => {
    const pair = await stage(offTheRecord);
    const { alice } = pair;
    await alice.party.service.ask(alice.id, question('x'));
    await expect(alice.party.service.ask(alice.id, question('y'))).rejects.toMatchObject({
      code: 'verification-busy',
    });
    await expect(alice.party.service.answer(alice.id, 'x')).rejects.toMatchObject({
      code: 'session-needed',
    });
    await alice.party.service.end(alice.id);
    await expect(alice.party.service.ask(alice.id, question('y'))).rejects.toMatchObject({
      code: 'session-needed',
    });
  });

  it('keeps verification through a refresh and a new chat with the same device', async () => {
    const pair = await stage(offTheRecord);
    const { stage: all, alice, bob } = pair;
    await alice.party.service.compared(alice.id, tagOf(alice), 'match');
    await alice.party.service.start(alice.id);
    await all.settle();
    expect(alice.view.state).toBe('verified');
    await alice.party.service.end(alice.id);
    await alice.party.service.start(alice.id);
    await all.settle();
    await bob.party.service.accept(bob.id);
    await all.settle();
    expect(alice.view.state).toBe('verified');
    expect(alice.messages).toEqual([]);
  });

  it('writes down who was verified, how and when, and when it was taken back', async () => {
    const { alice } = await stage(offTheRecord);
    const tag = tagOf(alice);
    await alice.party.service.compared(alice.id, tag, 'match');
    await alice.party.service.removeVerification(alice.id, tag);
    expect(alice.party.store.trust.log(alice.party.account)).toMatchObject([
      { change: 'verified', method: 'compare' },
      { change: 'withdrawn', method: undefined },
    ]);
  });

  it('ux:I-6 calls nobody verified by default', async () => {
    const { alice } = await stage(twoServices);
    expect(alice.view.devices).toEqual([]);
  });
});
