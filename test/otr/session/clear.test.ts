// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { findWhitespaceTag } from '#otr/codec/whitespace-tag.ts';
import { LIMITS } from '#otr/limits.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { whitespaceTag } from '../../support/bodies-in-clear.ts';
import { allSituations } from '../../support/session-states.ts';
import { TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const situations = allSituations();
const MINUTE_MS = 60_000;
const ERROR = '?OTR Error: ERROR_2: Not in private state message';

const say = (party: Party, text: string) => party.do({ tag: 'send-plain', ref: text, text });

describe('offering OTR in clear', () => {
  it.each(['plaintext', 'waiting-auth-r', 'waiting-auth-i', 'finished'] as const)(
    'sends a Query message and nothing else in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, { tag: 'offer' }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'transmit', kind: 'control', bodies: ['?OTRv4?'] }]);
    },
  );

  it.each(['encrypted', 'encrypted, refreshing', 'encrypted, answering a refresh'] as const)(
    'otr:T-181 is refused in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, { tag: 'offer', explanation: 'please' }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
    },
  );

  it('may explain itself, and leads to a session where the other side agrees', () => {
    const parties = new TwoParties({ bobPolicy: { answerOffers: true } });
    const { alice, bob } = parties;
    alice.do({ tag: 'offer', explanation: 'This is an offer to talk off the record.' });
    expect(alice.outbox).toEqual(['?OTRv4? This is an offer to talk off the record.']);
    parties.settle();
    expect([alice, bob].map(({ state }) => describeSession(state).tag)).toEqual([
      'encrypted',
      'encrypted',
    ]);
  });
});

describe('text sent in clear', () => {
  it('leaves as it is where there is no session', () => {
    const { alice } = new TwoParties();
    const before = alice.state;
    expect(say(alice, 'hello')).toEqual([
      { tag: 'transmit', kind: 'clear', bodies: ['hello'], ref: 'hello' },
    ]);
    expect(alice.state).toBe(before);
  });

  it.each([
    ['waiting-auth-r', 'must-be-encrypted'],
    ['waiting-auth-i', 'must-be-encrypted'],
    ['encrypted', 'must-be-encrypted'],
    ['encrypted, refreshing', 'must-be-encrypted'],
    ['encrypted, answering a refresh', 'must-be-encrypted'],
    ['finished', 'finished'],
  ] as const)('is refused in the state "%s": %s', (name, why) => {
    const { state, env } = situations[name];
    const { next, effects } = step(state, { tag: 'send-plain', ref: 1, text: 'hello' }, env);
    expect(next).toBe(state);
    expect(effects).toEqual([{ tag: 'refused', ref: 1, why }]);
  });

  it('is refused beyond its length, and never sent empty', () => {
    const { alice } = new TwoParties();
    say(alice, 'x'.repeat(LIMITS.plaintextBytes + 1));
    expect(alice.heard('refused')).toMatchObject([{ why: 'too-long' }]);
    expect(say(alice, '')).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    say(alice, 'x'.repeat(LIMITS.plaintextBytes));
    expect(alice.outbox).toHaveLength(1);
  });

  it('otr:T-203 xep:X-26 carries an offer by policy, until the peer answers in clear', () => {
    const parties = new TwoParties({ policy: { tagPlainText: true } });
    const { alice, bob } = parties;
    const tagged = (text: string) => `${text}${whitespaceTag('4')}`;
    say(alice, 'one');
    const { state } = alice;
    say(alice, 'two');
    expect(alice.state).toBe(state);
    expect(alice.takeOutbox()).toEqual([tagged('one'), tagged('two')]);
    expect(findWhitespaceTag(tagged('one'))).toEqual({ text: 'one', versions: '4' });
    // An offer of theirs is no refusal of ours.
    alice.receive(`words${whitespaceTag('4')}`);
    say(alice, 'three');
    expect(alice.takeOutbox()).toEqual([tagged('three')]);
    alice.receive('no, thank you');
    say(alice, 'four');
    expect(alice.takeOutbox()).toEqual(['four']);
    bob.do({ tag: 'start' });
    parties.settle();
    alice.do({ tag: 'end' });
    parties.settle();
    say(alice, 'five');
    expect(alice.takeOutbox()).toEqual([tagged('five')]);
  });

  it('otr:T-203 carries its first offer whatever the peer said before', () => {
    const { alice } = new TwoParties({ policy: { tagPlainText: true } });
    alice.receive('hello');
    say(alice, 'hello yourself');
    expect(alice.outbox).toEqual([`hello yourself${whitespaceTag('4')}`]);
  });

  it('otr:T-203 whose offer the peer accepts leads to a session', () => {
    const parties = new TwoParties({
      policy: { tagPlainText: true },
      bobPolicy: { answerOffers: true },
    });
    say(parties.alice, 'hello');
    parties.settle();
    expect(parties.bob.heard('plaintext')).toMatchObject([{ text: 'hello', warn: false }]);
    expect(describeSession(parties.alice.state).tag).toBe('encrypted');
  });
});

describe('when encryption is required', () => {
  const byQuery = { requireEncryption: 'by-query' } as const;

  it('otr:T-207 sec:T-O-VER-2 text is held and asks for a session with an Identity message', () => {
    const parties = new TwoParties({ policy: { requireEncryption: 'by-identity' } });
    const { alice, bob } = parties;
    expect(alice.send('secret').map(({ tag }) => tag)).toEqual(['held', 'starting', 'transmit']);
    expect(alice.outbox[0]).toMatch(/^\?OTR:/);
    parties.settle();
    expect(bob.read()).toEqual(['secret']);
  });

  it('otr:T-207 xep:X-31 or with a Query message that names nobody, once', () => {
    const parties = new TwoParties({ policy: byQuery, bobPolicy: { answerOffers: true } });
    const { alice, bob } = parties;
    expect(alice.send('one').map(({ tag }) => tag)).toEqual(['held', 'transmit']);
    expect(alice.send('two').map(({ tag }) => tag)).toEqual(['held']);
    expect(alice.outbox).toEqual(['?OTRv4?']);
    parties.settle();
    expect(bob.read()).toEqual(['one', 'two']);
    expect(alice.state.held).toEqual([]);
    expect(alice.state.queriedAt).toBeUndefined();
  });

  it('otr:T-207 nothing leaves in clear by any other door', () => {
    for (const requireEncryption of ['by-identity', 'by-query'] as const) {
      const { alice } = new TwoParties({ policy: { requireEncryption, tagPlainText: true } });
      say(alice, 'secret');
      expect(alice.heard('refused')).toEqual([
        { tag: 'refused', ref: 'secret', why: 'must-be-encrypted' },
      ]);
      expect(alice.outbox).toEqual([]);
      alice.receive('hello');
      expect(alice.heard('plaintext')).toMatchObject([{ during: 'plaintext', warn: true }]);
    }
  });

  it('otr:T-207 text that nobody answers the question for is handed back in time', () => {
    const { alice, clock } = new TwoParties({ policy: byQuery });
    alice.send('secret');
    expect(nextDueAt(alice.state)).toBe(clock.monotonicMs + 10 * MINUTE_MS);
    alice.receive('?OTRv3?');
    clock.pass(10 * MINUTE_MS - 1);
    expect(alice.do({ tag: 'tick' })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    clock.pass(1);
    alice.do({ tag: 'tick' });
    expect(alice.heard('start-failed')).toEqual([{ tag: 'start-failed', why: 'timed-out' }]);
    expect(alice.heard('refused')).toEqual([
      { tag: 'refused', ref: 'secret', why: 'start-failed' },
    ]);
    expect(alice.outbox).toEqual(['?OTRv4?']);
    expect(nextDueAt(alice.state)).toBeUndefined();
  });

  it('otr:T-207 or when the user gives up waiting', () => {
    for (const [tag, why] of [
      ['cancel', 'start-failed'],
      ['end', 'ended'],
    ] as const) {
      const { alice } = new TwoParties({ policy: byQuery });
      alice.send('secret');
      alice.do({ tag });
      expect(alice.heard('refused')).toEqual([{ tag: 'refused', ref: 'secret', why }]);
      expect(alice.do({ tag })).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    }
  });

  it('otr:T-207 more text than may be held is refused without another question', () => {
    const { alice } = new TwoParties({ policy: byQuery });
    for (let n = 0; n <= LIMITS.outgoingQueue; n += 1) alice.send(`text ${n.toString()}`);
    expect(alice.heard('held')).toHaveLength(LIMITS.outgoingQueue);
    expect(alice.heard('refused')).toMatchObject([{ why: 'too-many-held' }]);
    expect(alice.outbox).toEqual(['?OTRv4?']);
  });
});

describe('an error message under the policy that offers again', () => {
  it.each([
    ['plaintext', true],
    ['waiting-auth-r', false],
    ['waiting-auth-i', false],
    ['encrypted', false],
    ['encrypted, refreshing', false],
    ['encrypted, answering a refresh', false],
    ['finished', true],
  ] as const)('otr:E-31 in the state "%s" draws a Query message: %s', (name, answers) => {
    const { state, env } = situations[name];
    const willing = reconfigure(state, { policy: { offerOnError: true } });
    const ready = { ...willing, throttle: { ...willing.throttle, lastQueryAt: -1e9 } };
    const { next, effects } = step(ready, { tag: 'receive', body: ERROR }, env);
    expect(effects.map(({ tag }) => tag)).toEqual(
      answers ? ['peer-error', 'transmit'] : ['peer-error'],
    );
    expect({ ...next, throttle: ready.throttle }).toEqual(ready);
    if (!answers) expect(next).toBe(ready);
  });

  it('otr:E-31 sec:T-O-LOOP-1 does so once a minute, and never for an error nobody knows', () => {
    const { alice, clock } = new TwoParties({ policy: { offerOnError: true } });
    for (let n = 0; n < 10; n += 1) alice.receive(ERROR);
    expect(alice.outbox).toEqual(['?OTRv4?']);
    clock.pass(MINUTE_MS);
    alice.receive('?OTR Error: ERROR_9: what?');
    expect(alice.outbox).toHaveLength(1);
    alice.receive(ERROR);
    expect(alice.outbox).toHaveLength(2);
  });

  it('otr:E-31 sec:T-O-LOOP-1 lets no two clients offer to each other for ever', () => {
    const parties = new TwoParties({ policy: { offerOnError: true, answerOffers: true } });
    const { alice, bob } = parties;
    alice.receive(ERROR);
    bob.receive(ERROR);
    let sent = 0;
    for (let round = 0; round < 20; round += 1) {
      for (const party of [alice, bob]) {
        for (const body of party.takeOutbox()) {
          sent += 1;
          // Nothing encoded ever gets through.
          if (!body.startsWith('?OTR:')) parties.other(party).receive(body);
        }
      }
    }
    expect(sent).toBeLessThanOrEqual(4);
  });
});
