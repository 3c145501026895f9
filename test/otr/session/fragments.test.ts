// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatFragment, parseFragment } from '#otr/codec/fragment.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { nextDueAt } from '#otr/session/timing.ts';
import { forgetUnfinished, unfinishedOf } from '#otr/session/unfinished.ts';

import { identityOf, TwoParties } from '../../support/two-parties.ts';

const SMALL = { policy: { maxBodyLength: 600 } };
const bobTag = identityOf('bob').profile.ownerTag;
const aliceTag = identityOf('alice').profile.ownerTag;

/** A data message of Bob's in pieces. */
function pieces(parties: TwoParties, text: string): readonly string[] {
  parties.bob.send(text);
  return parties.bob.takeOutbox();
}

describe('fragments', () => {
  it('carry a whole conversation over a narrow transport', () => {
    const parties = TwoParties.established(SMALL);
    const { alice, bob } = parties;
    bob.send('x'.repeat(2000));
    expect(bob.outbox.length).toBeGreaterThan(3);
    expect(bob.outbox.every((body) => body.length <= 600)).toBe(true);
    parties.settle();
    alice.send('short');
    parties.settle();
    alice.do({ tag: 'end' });
    parties.settle();
    expect(alice.read()).toEqual(['x'.repeat(2000)]);
    expect(bob.read()).toEqual(['short']);
    expect(describeSession(bob.state).tag).toBe('finished');
  });

  it('otr:T-130 sec:T-O-FRAG-1 make one message in whatever order they come, with repetitions', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (order) => {
        const parties = TwoParties.established(SMALL);
        const list = pieces(parties, 'y'.repeat(1500));
        const twice = [...list, ...list].map((body, k) => ({ body, key: order[k] ?? 0 }));
        twice.sort((left, right) => left.key - right.key);
        for (const { body } of twice) parties.alice.receive(body);
        expect(parties.alice.read()).toEqual(['y'.repeat(1500)]);
      }),
      { numRuns: 5 },
    );
  });

  it('are counted until their message is whole, and can be forgotten', () => {
    const parties = TwoParties.established(SMALL);
    const { alice } = parties;
    const untouched = alice.state;
    expect(unfinishedOf(untouched)).toEqual({ messages: 0, chars: 0 });
    expect(forgetUnfinished(untouched)).toBe(untouched);
    const [first = ''] = pieces(parties, 'y'.repeat(1500));
    const [second = ''] = pieces(parties, 'z'.repeat(1500));
    for (const body of [first, second]) alice.receive(body);
    const chars = parseFragment(first).piece.length + parseFragment(second).piece.length;
    expect(unfinishedOf(alice.state)).toEqual({ messages: 2, chars });
    expect(forgetUnfinished(alice.state)).toEqual(untouched);
  });

  it('otr:T-130 may have blanks around them, and change nothing the second time', () => {
    const parties = TwoParties.established(SMALL);
    const { alice } = parties;
    const [first = '', ...rest] = pieces(parties, 'z'.repeat(1500));
    alice.receive(` ${first}\n`);
    const { state } = alice;
    expect(alice.receive(first)).toEqual([{ tag: 'ignored', why: 'fragment' }]);
    expect(alice.state).toBe(state);
    for (const body of rest) alice.receive(`\r\n${body} `);
    expect(alice.read()).toEqual(['z'.repeat(1500)]);
  });

  it('otr:T-135 otr:T-137 of several messages and plain text may be mixed', () => {
    const parties = TwoParties.established(SMALL);
    const [one, two] = [pieces(parties, 'one'), pieces(parties, 'two')];
    const longest = Math.max(one.length, two.length);
    for (let at = 0; at < longest; at += 1) {
      for (const body of [one[at], 'plain', two[at]]) {
        if (body !== undefined) parties.alice.receive(body);
      }
    }
    expect([...parties.alice.read()].sort()).toEqual(['one', 'two']);
  });

  it('otr:T-136 reach us with or without our tag, and nobody else', () => {
    const parties = new TwoParties({ policy: { ...SMALL.policy, invitations: 'ask' } });
    parties.bob.do({ tag: 'start' });
    for (const body of parties.bob.takeOutbox()) parties.alice.receive(body);
    const [invitation] = parties.alice.heard('invitation');
    expect(invitation?.body.startsWith('?OTR:AAQ1')).toBe(true);
    parties.alice.receive(invitation?.body ?? '', true);
    parties.settle();
    expect(describeSession(parties.alice.state).tag).toBe('encrypted');
  });

  it('otr:T-138 sec:T-O-FRAG-1 that never become whole cost little and are dropped in time', () => {
    const parties = TwoParties.established(SMALL);
    const { alice, clock } = parties;
    const honest = pieces(parties, 'honest');
    for (let identifier = 0; identifier < 10_000; identifier += 1) {
      alice.receive(
        formatFragment({
          identifier,
          senderTag: bobTag,
          receiverTag: aliceTag,
          index: 1,
          total: 2 + (identifier % 1000),
          piece: 'A'.repeat(50),
        }),
      );
    }
    expect(alice.state.fragments.buffers.length).toBeLessThanOrEqual(
      LIMITS.fragmentBuffersPerSender,
    );
    for (const body of honest) alice.receive(body);
    expect(alice.read()).toEqual(['honest']);
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + LIMITS.fragmentLifetimeMs);
    clock.pass(LIMITS.fragmentLifetimeMs);
    alice.do({ tag: 'tick' });
    expect(alice.state.fragments.buffers).toEqual([]);
  });

  it('sec:T-O-FRAG-1 sec:L of a contact may leave eight messages unfinished, of a stranger two', () => {
    const left = (peer: 'contact' | 'stranger', count: number) => {
      const { alice } = new TwoParties({ policy: { peer } });
      const route = { senderTag: bobTag, receiverTag: aliceTag, index: 1, total: 2, piece: 'A' };
      for (let identifier = 1; identifier <= count; identifier += 1) {
        alice.receive(formatFragment({ identifier, ...route }));
      }
      return alice.state.fragments.buffers.length;
    };
    expect([7, 8, 9].map((count) => left('contact', count))).toEqual([7, 8, 8]);
    expect([1, 2, 3].map((count) => left('stranger', count))).toEqual([1, 2, 2]);
  });

  it('otr:T-139 of a fragment are not put together again', () => {
    const parties = TwoParties.established();
    parties.bob.send('inner');
    const [inner = ''] = parties.bob.takeOutbox();
    const route = { senderTag: bobTag, receiverTag: aliceTag };
    const fragment = formatFragment({ identifier: 1, ...route, index: 1, total: 1, piece: inner });
    parties.alice.receive(fragment);
    expect(parties.alice.read()).toEqual(['inner']);
    const outer = fragment.replaceAll('|', '/').replaceAll(',', '+');
    const { state } = parties.alice;
    parties.alice.receive(
      formatFragment({ identifier: 2, ...route, index: 1, total: 1, piece: outer }),
    );
    expect(parties.alice.state.messages).toBe(state.messages);
    expect(parties.alice.read()).toEqual(['inner']);
  });

  it('otr:T-139 whose tags are not those of the whole are dropped', () => {
    const parties = TwoParties.established();
    parties.bob.send('whole');
    const [piece = ''] = parties.bob.takeOutbox();
    const fragment = { identifier: 1, receiverTag: aliceTag, index: 1, total: 1, piece };
    const { state } = parties.alice;
    parties.alice.receive(formatFragment({ ...fragment, senderTag: aliceTag }));
    parties.alice.receive(formatFragment({ ...fragment, senderTag: bobTag, receiverTag: 0 }));
    expect(parties.alice.state.messages).toBe(state.messages);
    expect(parties.alice.read()).toEqual([]);
  });
});
