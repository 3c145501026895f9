// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { Mortal } from '../support/mortal.ts';
import { befriend, type Party, Seat, Stage } from '../support/two-services.ts';

const GRACE_MS = 16_000;

/** Bob has gone, and Alice has written two texts with a key he left. */
async function written(): Promise<{ readonly stage: Stage; readonly alice: Seat; bob: Seat }> {
  const stage = new Stage();
  const [a, b] = [stage.party('alice'), stage.party('bob', { keysOnDisk: true })];
  befriend(a, b);
  await a.line.return();
  await b.line.return();
  await stage.settle();
  const [alice, bob] = [new Seat(a, b), new Seat(b, a)];
  await b.line.leave();
  await stage.pass(GRACE_MS);
  await alice.party.service.start(alice.id);
  await stage.settle();
  await stage.pass(1);
  await alice.type('one');
  await alice.type('two');
  await stage.settle();
  return { stage, alice, bob };
}

/** The program on what the one before it has left on disk. */
async function startedOn(stage: Stage, before: Party, mortal?: Mortal): Promise<Party> {
  stage.network.lines.splice(stage.network.lines.indexOf(before.line), 1);
  const party = stage.party('bob', { after: before, mortal });
  await party.service.renewIdentity();
  return party;
}

/** Texts in the order in which the window was told of them. */
const shown = ({ published }: Party): readonly string[] => {
  const items = published.flatMap(({ name, payload }) =>
    name === 'conversation.item-changed' ? [payload as { id: string; text?: string }] : [],
  );
  const texts = new Map(items.map(({ id, text }) => [id, text]));
  return [...texts.values()].filter((text) => text === 'one' || text === 'two');
};

/** What is kept of the conversation that Alice began. */
function onDisk({ store, account }: Party): string {
  const prekeys = [...store.prekeys.ids(account)].map(() => 'key');
  return [...prekeys, ...store.sealedSessions.names(account).map(() => 'session')].join(' and ');
}

/** Reads what was written while it was away, is killed at that step, and is started again. */
async function reading(killAt: number): Promise<Mortal> {
  const { stage, alice, bob } = await written();
  try {
    const kept = [...(stage.network.spools.get(bob.party.jid) ?? [])];
    const mortal = new Mortal(killAt);
    const first = await startedOn(stage, bob.party, mortal);
    await first.line.return().catch(() => undefined);
    await stage.settle().catch(() => undefined);
    await stage.pass(1).catch(() => undefined);
    expect(mortal.isDead).toBe(killAt !== Infinity);
    if (killAt === Infinity) {
      expect(shown(first)).toEqual(['one', 'two']);
      return mortal;
    }
    const where = mortal.steps.join(', ');
    expect(['key', 'session'], where).toContain(onDisk(first));
    const again = await startedOn(stage, first);
    await again.line.return();
    // Nobody has confirmed them: they come once more.
    for (const { event } of kept) await again.line.hear(event);
    await stage.settle();
    const all = [...shown(first), ...shown(again)];
    expect(new Set(all).size, where).toBe(all.length);
    // What was committed and not yet shown is gone with the memory that it was in: one text at most.
    const isCommitting = /^(before|within) a transaction$/.test(mortal.steps.at(-1) ?? '');
    expect(all.length, where).toBeGreaterThanOrEqual(isCommitting ? 2 : 1);
    expect(onDisk(again), where).toBe('session');
    const seat = new Seat(again, alice.party);
    await seat.type('three');
    await stage.settle();
    expect(alice.texts, where).toEqual(['one', 'two', 'three']);
    expect([...again.failures, ...alice.party.failures], where).toEqual([]);
    return mortal;
  } finally {
    stage.close();
  }
}

describe('a program that is killed while it reads what was written in its absence', () => {
  it('sec:T-O-NI-1 ux:I-10 has a key or the session that it began, and reads each text once', async () => {
    const { steps } = await reading(Infinity);
    expect(steps.length).toBeGreaterThan(10);
    // What the window is told changes neither the disk nor what others have.
    const isTold = (name: string | undefined): boolean => name?.endsWith('.changed') === true;
    for (let killAt = 0; killAt < steps.length; killAt += 1) {
      if (!isTold(steps[killAt])) await reading(killAt);
    }
  }, 240_000);
});
