// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { LIMITS } from '#otr/limits.ts';
import { reconfigure, step } from '#otr/session/session.ts';

import { VERSION_3_TYPES, version3, whitespaceTag } from '../../support/bodies-in-clear.ts';
import { allSituations } from '../../support/session-states.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';

const situations = allSituations();
const STRANGER = 0x5eed5eed;
const DH_COMMIT = version3('D-H Commit', 0);

describe('an offer of several versions', () => {
  it.each([
    ['?OTRv34?', '34', true],
    ['?OTRv43? words for people without OTR', '43', true],
    ['?OTRv4?', '4', true],
    ['?OTRv45x?', '45x', true],
    ['?OTR?v34?', '34', true],
    [`hi${whitespaceTag('3', '4')}`, '34', true],
    [`hi${whitespaceTag('4')} and ${whitespaceTag('3')}`, '4', true],
    ['?OTRv3?', '3', false],
    ['?OTRv2?', '2', false],
    ['?OTRv5x?', '5x', false],
    ['?OTRv?', '', false],
    ['?OTRv?4?', '', false],
    [`hi${whitespaceTag('3')}`, '3', false],
  ] as const)(
    'otr:T-200 otr:T-201 otr:T-202 xep:X-01 sec:T-O-VER-1 %j is one of "%s"; an answer of version 4, if any: %s',
    (body, versions, answers) => {
      const { alice } = new TwoParties({ policy: { answerOffers: true } });
      alice.receive(body);
      expect(alice.heard('offer')).toMatchObject([{ versions }]);
      expect(alice.state.dake.tag).toBe(answers ? 'waiting-auth-r' : 'start');
      expect(alice.outbox).toHaveLength(answers ? 1 : 0);
      for (const sent of alice.outbox) expect(sent).toMatch(/^\?OTR:AAQ1/);
    },
  );

  it('xep:X-01 sec:T-O-VER-1 of version 1 alone is no more than text', () => {
    const { alice } = new TwoParties({ policy: { answerOffers: true } });
    alice.receive('?OTR?');
    expect(alice.outbox).toEqual([]);
    expect(alice.told).toMatchObject([{ tag: 'plaintext', text: '?OTR?' }]);
  });
});

describe('a message of version 3', () => {
  const others = Object.keys(VERSION_3_TYPES).filter((type) => type !== 'D-H Commit');

  it('otr:T-204 that asks for a conversation is reported as an offer of version 3', () => {
    const { state, env } = situations.plaintext;
    for (const body of [DH_COMMIT, version3('D-H Commit')]) {
      const { next, effects } = step(state, { tag: 'receive', body }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'offer', by: 'version-3-message', versions: '3' }]);
    }
  });

  it.each([
    'waiting-auth-r',
    'waiting-auth-i',
    'encrypted',
    'encrypted, refreshing',
    'encrypted, answering a refresh',
    'finished',
  ] as const)('otr:T-204 is ignored in the state "%s"', (name) => {
    const { state, env } = situations[name];
    const { next, effects } = step(state, { tag: 'receive', body: DH_COMMIT }, env);
    expect(next).toBe(state);
    expect(effects).toEqual([{ tag: 'ignored', why: 'wrong-version' }]);
  });

  it.each(others)('otr:T-204 otr:T-140 of the type %s asks for nothing anywhere', (type) => {
    for (const { state, env } of Object.values(situations)) {
      const body = version3(type as keyof typeof VERSION_3_TYPES);
      const { next, effects } = step(state, { tag: 'receive', body }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'ignored', why: 'wrong-version' }]);
    }
  });

  it('otr:T-204 for another client, or of our own, is not one for us', () => {
    const { state, env } = situations.plaintext;
    const { ownerTag } = identityOf('alice').profile;
    const why = (body: string) => step(state, { tag: 'receive', body }, env).effects;
    expect(why(version3('D-H Commit', STRANGER))).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    expect(why(version3('D-H Commit', 0, ownerTag))).toEqual([
      { tag: 'ignored', why: 'reflected' },
    ]);
  });
});

describe('an offer of less than the peer can', () => {
  const older = ['?OTRv3?', '?OTRv23?', '?OTRv2?', `hi${whitespaceTag('3')}`, DH_COMMIT];

  it.each(older)('otr:T-208 %j is a rollback when a profile of version 4 is published', (body) => {
    const { state, env } = situations.plaintext;
    const informed = reconfigure(state, { policy: { peerSpeaksVersion4: true } });
    const { next, effects } = step(informed, { tag: 'receive', body }, env);
    expect(next).toBe(informed);
    expect(effects.map(({ tag }) => tag).slice(-2)).toEqual(['offer', 'version-rollback']);
  });

  it('otr:T-208 is a rollback when a session with this device came before', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    alice.receive('?OTRv3?');
    alice.do({ tag: 'end' });
    alice.receive('?OTRv3?');
    alice.receive(DH_COMMIT);
    expect(alice.heard('version-rollback').map(({ by }) => by)).toEqual([
      'query',
      'query',
      'version-3-message',
    ]);
  });

  it('otr:T-208 is none when nothing is known of the peer, or when version 4 is offered too', () => {
    const { state, env } = situations.plaintext;
    const informed = reconfigure(state, { policy: { peerSpeaksVersion4: true } });
    const told = [
      ...older.map((body) => step(state, { tag: 'receive', body }, env)),
      ...['?OTRv34?', '?OTRv4?', '?OTRv5?', '?OTRv?', 'hello'].map((body) =>
        step(informed, { tag: 'receive', body }, env),
      ),
    ].flatMap(({ effects }) => effects.map(({ tag }) => tag));
    expect(told).not.toContain('version-rollback');
  });

  it('otr:T-204 never touches a live session, whatever the policy', () => {
    const { state, env } = situations.encrypted;
    const willing = reconfigure(state, { policy: { answerOffers: true } });
    const ready = {
      ...willing,
      throttle: { ...willing.throttle, lastQueryAt: -LIMITS.queryIntervalMs },
    };
    for (const body of older) {
      const { next, effects } = step(ready, { tag: 'receive', body }, env);
      expect(next).toBe(ready);
      expect(effects.map(({ tag }) => tag)).not.toContain('transmit');
    }
  });
});
