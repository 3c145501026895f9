// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { LIMITS } from '#otr/limits.ts';
import { aheadSecrets } from '#otr/ratchet/next-turn.ts';
import { canPrepare } from '#otr/session/preparing.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { secretsIn, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

/** Secrets of the party's next rotation. */
function prepared({ state }: Party) {
  return state.messages.tag === 'encrypted' ? aheadSecrets(state.messages.ratchet) : [];
}

/** One text each way, again and again, with or without keys made ahead; what went over the wire. */
function converse(turns: number, prepares: boolean): readonly string[] {
  const { alice, bob } = TwoParties.established({ seed: 'ahead' });
  const bodies: string[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const [from, to] = turn % 2 === 0 ? [bob, alice] : [alice, bob];
    if (prepares) from.do({ tag: 'prepare' });
    from.send(`turn ${turn.toString()}`);
    for (const body of from.takeOutbox()) {
      bodies.push(body);
      to.receive(body);
    }
    expect(to.read().at(-1)).toBe(`turn ${turn.toString()}`);
  }
  return bodies;
}

function damaged(body: string): string {
  const bytes = parseArmor(body).slice();
  const at = bytes.length - 100;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return formatArmor(bytes);
}

/** Bob has read something and is about to answer. */
function aboutToAnswer(): TwoParties {
  const parties = TwoParties.established();
  parties.bob.send('a question');
  parties.settle();
  parties.alice.send('an answer');
  parties.settle();
  parties.bob.do({ tag: 'prepare' });
  expect(prepared(parties.bob)).not.toEqual([]);
  return parties;
}

describe('keys made ahead', () => {
  it('perf:M2 change no byte of what is sent, through every kind of rotation', () => {
    expect(converse(8, true)).toEqual(converse(8, false));
  });

  it('perf:M2 are made once for a turn, and only where the next message rotates', () => {
    const { alice, bob } = TwoParties.established();
    expect([canPrepare(alice.state), canPrepare(bob.state)]).toEqual([false, true]);
    expect(alice.do({ tag: 'prepare' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    expect(bob.do({ tag: 'prepare' })).toEqual([]);
    expect(bob.do({ tag: 'prepare' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    bob.send('uses them');
    expect(prepared(bob)).toEqual([]);
    expect(canPrepare(bob.state)).toBe(false);
  });

  it('perf:M2 are not made without a session, nor while it is being replaced', () => {
    const parties = new TwoParties();
    expect(canPrepare(parties.bob.state)).toBe(false);
    parties.bob.do({ tag: 'start' });
    expect(canPrepare(parties.bob.state)).toBe(false);
    parties.settle();
    parties.bob.do({ tag: 'start' });
    expect(canPrepare(parties.bob.state)).toBe(false);
    expect(parties.bob.do({ tag: 'prepare' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
  });

  it('sec:T-O-RAT-1 outlive forged messages, and late and repeated ones', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.send('a question');
    const [question = ''] = bob.takeOutbox();
    alice.receive(question);
    for (const text of ['first', 'late', 'last']) alice.send(text);
    const [first = '', late = '', last = ''] = alice.takeOutbox();
    bob.receive(first);
    bob.do({ tag: 'prepare' });
    const keys = prepared(bob);
    const { state } = bob;
    bob.receive(damaged(last));
    expect(bob.state.messages).toBe(state.messages);
    for (const body of [last, damaged(late), late, late]) bob.receive(body);
    expect(bob.read()).toEqual(['first', 'last', 'late']);
    expect(prepared(bob)).toEqual(keys);
    expect(keys.some((secret) => secret.wiped)).toBe(false);
    bob.send('with the same keys');
    parties.settle();
    expect(alice.read().at(-1)).toBe('with the same keys');
  });

  it('are given up after ten minutes, and not made again before they are needed', () => {
    const { alice, bob, clock } = aboutToAnswer();
    const keys = prepared(bob);
    expect(nextDueAt(bob.state)).toBe(clock.monotonicMs + LIMITS.preparedKeysLifetimeMs);
    clock.pass(LIMITS.preparedKeysLifetimeMs - 1);
    bob.do({ tag: 'tick' });
    expect(prepared(bob)).toEqual(keys);
    clock.pass(1);
    bob.do({ tag: 'tick' });
    expect(prepared(bob)).toEqual([]);
    expect(keys.every((secret) => secret.wiped)).toBe(true);
    expect(canPrepare(bob.state)).toBe(false);
    bob.send('with new keys');
    alice.receive(bob.takeOutbox()[0] ?? '');
    expect(alice.read().at(-1)).toBe('with new keys');
  });

  it.each([
    ['the session is ended', ({ bob }: TwoParties) => bob.do({ tag: 'end' })],
    [
      'the peer ends it',
      ({ alice, bob }: TwoParties) => {
        alice.do({ tag: 'end' });
        return bob.receive(alice.takeOutbox()[0] ?? '');
      },
    ],
    [
      'it expires',
      ({ bob, clock }: TwoParties) => {
        clock.pass(LIMITS.sessionIdleMs);
        return bob.do({ tag: 'tick' });
      },
    ],
    [
      'another takes its place',
      (parties: TwoParties) => {
        parties.alice.do({ tag: 'start' });
        parties.settle();
      },
    ],
  ] as const)('otr:T-227 are wiped when %s', (_, end) => {
    const parties = aboutToAnswer();
    const keys = prepared(parties.bob);
    end(parties);
    expect(keys.every((secret) => secret.wiped)).toBe(true);
    const held = secretsIn(parties.bob.state);
    expect(keys.filter((secret) => held.has(secret))).toEqual([]);
  });

  it('otr:T-227 are owned by the state alone whenever they are made', () => {
    const at = fc.record({ by: fc.boolean(), prepares: fc.boolean(), delivers: fc.boolean() });
    fc.assert(
      fc.property(fc.array(at, { maxLength: 16 }), (steps) => {
        const parties = TwoParties.established();
        for (const { by, prepares, delivers } of steps) {
          const party = by ? parties.alice : parties.bob;
          if (prepares) party.do({ tag: 'prepare' });
          party.send('text');
          if (delivers) parties.settle();
        }
        parties.settle();
        expect(parties.alice.heard('unreadable')).toEqual([]);
        expect(parties.bob.heard('unreadable')).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });
});
