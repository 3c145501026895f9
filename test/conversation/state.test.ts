// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive, type Facts } from '#main/conversation/state.ts';
import type { ComposerMode, ConversationState } from '#shared/model/conversation.ts';
import type { OtrRule } from '#shared/model/rules.ts';

const FACTS: Facts = {
  rules: {
    otr: 'when-asked',
    accept: 'verified',
    verifiedOnly: false,
    keep: 'until-end',
    liveOnly: false,
  },
  mayBeClear: true,
  reachable: true,
  known: false,
  starting: false,
  failure: undefined,
  live: 'none',
  allowed: false,
  elsewhere: false,
  away: false,
  kept: false,
  seeking: false,
  keyless: false,
  interrupted: false,
  keyChanged: false,
  ended: undefined,
  unlocked: false,
  held: 0,
  epoch: 0,
};
const STRICT: Partial<Facts> = { mayBeClear: false };
const of = (change: Partial<Facts>, otr: OtrRule = 'when-asked') => {
  const { state, composer } = derive({ ...FACTS, ...change, rules: { ...FACTS.rules, otr } });
  return [state, composer];
};

const facts: fc.Arbitrary<Facts> = fc.record({
  rules: fc.record({
    otr: fc.constantFrom('never', 'when-asked', 'whenever', 'always'),
    accept: fc.constantFrom('ask', 'verified', 'contacts'),
    verifiedOnly: fc.boolean(),
    keep: fc.constantFrom('until-end', 'until-quit', 'hour', 'day', 'week'),
    liveOnly: fc.boolean(),
  }),
  mayBeClear: fc.boolean(),
  reachable: fc.boolean(),
  known: fc.boolean(),
  starting: fc.boolean(),
  failure: fc.constantFrom(undefined, 'declined', 'no-answer', 'invalid-answer', 'offline'),
  live: fc.constantFrom('none', 'unverified', 'mixed', 'verified'),
  allowed: fc.boolean(),
  elsewhere: fc.boolean(),
  away: fc.boolean(),
  kept: fc.boolean(),
  seeking: fc.boolean(),
  keyless: fc.boolean(),
  interrupted: fc.boolean(),
  keyChanged: fc.boolean(),
  ended: fc.constantFrom(undefined, 'peer', 'expired'),
  unlocked: fc.boolean(),
  held: fc.nat(3),
  epoch: fc.nat(3),
});

describe('the state of a conversation', () => {
  const rows: readonly [
    string,
    Partial<Facts>,
    OtrRule,
    readonly [ConversationState, ComposerMode],
  ][] = [
    ['ux:S0 plain', {}, 'when-asked', ['plain', 'send']],
    ['ux:S0 plain, never', {}, 'never', ['plain', 'send']],
    ['ux:S0 always holds and starts', {}, 'always', ['plain', 'hold']],
    ['ux:S1 when asked', { known: true }, 'when-asked', ['plain-available', 'send']],
    ['ux:S1 whenever', { known: true }, 'whenever', ['plain-available', 'hold']],
    ['ux:S0 whenever, device never seen', {}, 'whenever', ['plain', 'send']],
    ['ux:S2', { starting: true }, 'when-asked', ['starting', 'hold']],
    ['ux:S3', { live: 'unverified' }, 'when-asked', ['unverified', 'send']],
    ['ux:S4', { live: 'verified' }, 'always', ['verified', 'send']],
    ['ux:S5 verified', { live: 'verified', kept: true }, 'always', ['offline-verified', 'send']],
    [
      'ux:S5 not verified',
      { live: 'mixed', kept: true },
      'when-asked',
      ['offline-unverified', 'send'],
    ],
    ['ux:S6 keys are fetched', { seeking: true }, 'when-asked', ['starting', 'hold']],
    [
      'ux:S6 there are none',
      { keyless: true, held: 1, reachable: false },
      'always',
      ['waiting', 'hold'],
    ],
    [
      'ux:S6 ux:2.5.10 there are none for who left a live chat',
      { live: 'verified', away: true, keyless: true, held: 1, reachable: false },
      'when-asked',
      ['waiting', 'hold'],
    ],
    [
      'ux:S5 there are none for one of two devices',
      { live: 'verified', kept: true, keyless: true, held: 1, reachable: false },
      'when-asked',
      ['offline-verified', 'send'],
    ],
    ['ux:S4p some verified', { live: 'mixed' }, 'always', ['mixed', 'send']],
    ['ux:S4p nobody is there', { live: 'mixed', away: true }, 'always', ['mixed', 'hold']],
    [
      'ux:2.5.8 the chosen device is not in the chat',
      { elsewhere: true },
      'never',
      ['waiting', 'hold'],
    ],
    ['ux:S6 is held', { live: 'verified', away: true }, 'when-asked', ['verified', 'hold']],
    ['ux:S7', { ended: 'peer' }, 'whenever', ['ended-by-peer', 'locked']],
    ['ux:S8', { ended: 'expired' }, 'when-asked', ['expired', 'locked']],
    ['ux:S9', { live: 'verified', interrupted: true }, 'always', ['interrupted', 'hold']],
    ['ux:S10', { live: 'unverified', keyChanged: true }, 'always', ['key-changed', 'locked']],
    ['ux:S11', { failure: 'no-answer' }, 'always', ['cannot-encrypt', 'locked']],
    [
      'ux:S6 mode:I-05 nobody is there',
      { ...STRICT, reachable: false },
      'always',
      ['waiting', 'hold'],
    ],
    ['mode:I-09 not started', STRICT, 'always', ['not-started', 'hold']],
    [
      'mode:I-15 no answer, to be tried again',
      { ...STRICT, known: true, failure: 'no-answer' },
      'always',
      ['not-started', 'hold'],
    ],
    [
      'ux:S11 no off the record',
      { ...STRICT, failure: 'no-answer' },
      'always',
      ['cannot-encrypt', 'locked'],
    ],
    ['ux:I-3 held text beside plain', { held: 1 }, 'when-asked', ['plain', 'hold']],
    ['ux:I-3 unlocked', { held: 1, unlocked: true }, 'when-asked', ['plain', 'send']],
    ['ux:I-3 always is never unlocked', { unlocked: true }, 'always', ['plain', 'hold']],
  ];
  it.each(rows)('follows the table of rules: %s', (_name, change, otr, expected) => {
    expect(of(change, otr)).toEqual(expected);
  });

  it('ux:2.5.6 blocks an unverified device under "only verified devices"', () => {
    const rules = { ...FACTS.rules, verifiedOnly: true };
    expect(derive({ ...FACTS, rules, live: 'unverified' }).composer).toBe('locked');
    expect(derive({ ...FACTS, rules, live: 'verified' }).composer).toBe('send');
    expect(derive({ ...FACTS, rules, live: 'unverified', allowed: true }).composer).toBe('send');
  });

  it('ux:I-1 never lets anything leave under "always" but through a session', () => {
    fc.assert(
      fc.property(facts, (any) => {
        const { composer } = derive({ ...any, rules: { ...any.rules, otr: 'always' } });
        return composer !== 'send' || any.live !== 'none';
      }),
    );
  });

  it('ux:I-2 never sends while starting, interrupted, away from a session, or stopped', () => {
    fc.assert(
      fc.property(facts, (any) => {
        const { composer } = derive(any);
        const stopped =
          any.keyChanged || any.interrupted || any.starting || (any.live !== 'none' && any.away);
        return !stopped || composer !== 'send';
      }),
    );
  });

  it('ux:I-3 never sends in clear after an end or beside held text without an explicit act', () => {
    fc.assert(
      fc.property(facts, (any) => {
        const { composer } = derive(any);
        const guarded = any.live === 'none' && (any.ended !== undefined || any.held > 0);
        return !guarded || any.unlocked || composer !== 'send';
      }),
    );
  });

  it('ux:I-3 never sends in clear beside a chat with another device than the chosen one', () => {
    fc.assert(
      fc.property(facts, (any) => {
        return derive({ ...any, live: 'none', elsewhere: true }).composer !== 'send';
      }),
    );
  });

  it('ux:I-1 has another token whenever state, composer or epoch differ', () => {
    fc.assert(
      fc.property(facts, facts, (one, other) => {
        const [a, b] = [derive(one), derive(other)];
        const same = a.state === b.state && a.composer === b.composer && one.epoch === other.epoch;
        return (a.token === b.token) === same;
      }),
    );
  });
});
