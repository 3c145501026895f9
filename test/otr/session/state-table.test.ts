// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { describe as describeSession } from '#otr/session/describe.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { reconfigure, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';

import { OfflineParties, Shelf } from '../../support/offline-parties.ts';
import { allSituations } from '../../support/session-states.ts';
import type { SituationName } from '../../support/session-states.ts';
import { TwoParties } from '../../support/two-parties.ts';

const situations = allSituations();

/** Message state, and the key exchange beside it. */
type Stage =
  | 'plaintext'
  | 'encrypted'
  | 'finished'
  | `${'plaintext' | 'encrypted' | 'finished'} + ${'waiting-auth-r' | 'waiting-auth-i'}`;

function stageOf({ messages, dake }: SessionState): Stage {
  return dake.tag === 'start' ? messages.tag : `${messages.tag} + ${dake.tag}`;
}

/** A new Identity message of Bob's, whose key exchange Alice has not seen yet. */
function freshIdentity(): string {
  const { bob } = new TwoParties({ seed: 'fresh' });
  bob.do({ tag: 'start' });
  return bob.takeOutbox()[0] ?? '';
}

const identity: SessionInput = { tag: 'receive', body: freshIdentity() };
const query: SessionInput = { tag: 'receive', body: '?OTRv4?' };
const text: SessionInput = { tag: 'send', ref: 1, text: 'text' };

type Row = readonly [SessionInput, Readonly<Record<SituationName, readonly [Stage, string]>>];

/** What is told beside the bare transmitting and retiring; `-` for nothing at all. */
function summary(effects: readonly SessionEffect[]): string {
  const tags = effects.map((effect) =>
    effect.tag === 'ignored' ? `ignored:${effect.why}` : effect.tag,
  );
  return tags.filter((tag) => tag !== 'retire').join(' ') || '-';
}

/** OTRv4 "The Protocol State Machine", with the key exchange beside the message state. */
const TABLE: readonly Row[] = [
  [
    { tag: 'start' },
    {
      plaintext: ['plaintext + waiting-auth-r', 'starting transmit'],
      'waiting-auth-r': ['plaintext + waiting-auth-r', 'transmit'],
      'waiting-auth-i': ['plaintext + waiting-auth-r', 'starting transmit'],
      encrypted: ['encrypted + waiting-auth-r', 'starting transmit'],
      'encrypted, refreshing': ['encrypted + waiting-auth-r', 'transmit'],
      'encrypted, answering a refresh': ['encrypted + waiting-auth-r', 'starting transmit'],
      finished: ['finished + waiting-auth-r', 'starting transmit'],
    },
  ],
  [
    { tag: 'cancel' },
    {
      plaintext: ['plaintext', 'ignored:nothing-to-do'],
      'waiting-auth-r': ['plaintext', 'start-failed'],
      'waiting-auth-i': ['plaintext', 'start-failed'],
      encrypted: ['encrypted', 'ignored:nothing-to-do'],
      'encrypted, refreshing': ['encrypted', 'start-failed'],
      'encrypted, answering a refresh': ['encrypted', 'start-failed'],
      finished: ['finished', 'ignored:nothing-to-do'],
    },
  ],
  [
    { tag: 'end' },
    {
      plaintext: ['plaintext', 'ignored:nothing-to-do'],
      'waiting-auth-r': ['plaintext', '-'],
      'waiting-auth-i': ['plaintext', '-'],
      encrypted: ['plaintext', 'transmit ended'],
      'encrypted, refreshing': ['plaintext', 'transmit ended'],
      'encrypted, answering a refresh': ['plaintext', 'transmit ended'],
      finished: ['plaintext', 'ended'],
    },
  ],
  [
    text,
    {
      plaintext: ['plaintext', 'refused'],
      'waiting-auth-r': ['plaintext + waiting-auth-r', 'held'],
      'waiting-auth-i': ['plaintext + waiting-auth-i', 'held'],
      encrypted: ['encrypted', 'transmit sent'],
      'encrypted, refreshing': ['encrypted + waiting-auth-r', 'held'],
      'encrypted, answering a refresh': ['encrypted + waiting-auth-i', 'held'],
      finished: ['finished', 'refused'],
    },
  ],
  [
    query,
    {
      plaintext: ['plaintext + waiting-auth-r', 'offer starting transmit'],
      'waiting-auth-r': ['plaintext + waiting-auth-r', 'offer transmit'],
      'waiting-auth-i': ['plaintext + waiting-auth-r', 'offer starting transmit'],
      encrypted: ['encrypted + waiting-auth-r', 'offer starting transmit'],
      'encrypted, refreshing': ['encrypted + waiting-auth-r', 'offer transmit'],
      'encrypted, answering a refresh': ['encrypted + waiting-auth-r', 'offer starting transmit'],
      finished: ['finished + waiting-auth-r', 'offer starting transmit'],
    },
  ],
  [
    { tag: 'prepare' },
    {
      plaintext: ['plaintext', 'ignored:nothing-to-do'],
      'waiting-auth-r': ['plaintext + waiting-auth-r', 'ignored:nothing-to-do'],
      'waiting-auth-i': ['plaintext + waiting-auth-i', 'ignored:nothing-to-do'],
      encrypted: ['encrypted', 'ignored:nothing-to-do'],
      'encrypted, refreshing': ['encrypted + waiting-auth-r', 'ignored:nothing-to-do'],
      'encrypted, answering a refresh': ['encrypted + waiting-auth-i', 'ignored:nothing-to-do'],
      finished: ['finished', 'ignored:nothing-to-do'],
    },
  ],
  [
    { tag: 'tick' },
    {
      plaintext: ['plaintext', 'ignored:nothing-to-do'],
      'waiting-auth-r': ['plaintext + waiting-auth-r', 'ignored:nothing-to-do'],
      'waiting-auth-i': ['plaintext + waiting-auth-i', 'ignored:nothing-to-do'],
      encrypted: ['encrypted', 'ignored:nothing-to-do'],
      'encrypted, refreshing': ['encrypted + waiting-auth-r', 'ignored:nothing-to-do'],
      'encrypted, answering a refresh': ['encrypted + waiting-auth-i', 'ignored:nothing-to-do'],
      finished: ['finished', 'ignored:nothing-to-do'],
    },
  ],
];

describe.each(TABLE)('%j', (input, row) => {
  it.each(Object.entries(row))('in "%s" leads to %j', (name, [stage, told]) => {
    const { state, env } = situations[name as SituationName];
    const answering = reconfigure(state, { policy: { answerOffers: true } });
    const ready = { ...answering, throttle: { ...answering.throttle, lastQueryAt: -1e9 } };
    const { next, effects } = step(ready, input, env);
    expect([stageOf(next), summary(effects)]).toEqual([stage, told]);
    if (told.startsWith('ignored')) expect(next).toBe(ready);
  });
});

describe.each(['alice', 'bob'] as const)('a session that Alice began offline, for %s', (name) => {
  const begun = OfflineParties.begunByAlice({ seed: 'table' })[name];

  // Keys are made ahead by whoever turns next, and that is not the same end as in the table.
  const live = TABLE.filter(([{ tag }]) => tag !== 'prepare');

  it.each(live)('otr:T-089 is as any live one on %j', (input, { encrypted: [stage, told] }) => {
    const answering = reconfigure(begun.state, { policy: { answerOffers: true } });
    const ready = { ...answering, throttle: { ...answering.throttle, lastQueryAt: -1e9 } };
    const { next, effects } = step(ready, input, begun.env);
    expect([stageOf(next), summary(effects)]).toEqual([stage, told]);
  });
});

/** Bob published, and somebody with Alice's name wrote to him while he was away. */
const bobs = new Shelf('bob');
const alices = new Shelf('alice');

/** As Bob's peer would write to Alice: of which she keeps the prekey. */
function offlineMessage() {
  const { bob } = new OfflineParties({ seed: 'offline table' });
  const ensemble = alices.publish();
  bob.do({ tag: 'start-offline', ensemble });
  return { body: bob.takeOutbox()[0] ?? '', prekey: alices.find(ensemble.prekeyMessage.id) };
}

describe('starting while the peer is away', () => {
  it.each([
    ['plaintext', 'transmit established'],
    ['waiting-auth-r', 'transmit established'],
    ['waiting-auth-i', 'transmit established'],
    ['encrypted', 'transmit transmit established'],
    ['encrypted, refreshing', 'transmit transmit established'],
    ['encrypted, answering a refresh', 'transmit transmit established'],
    ['finished', 'transmit established'],
  ] as const)('otr:T-090 in "%s" tells %j', (name, told) => {
    const { state, env } = situations[name];
    const { next, effects } = step(state, { tag: 'start-offline', ensemble: bobs.publish() }, env);
    expect([stageOf(next), summary(effects)]).toEqual(['encrypted', told]);
    const role = next.messages.tag === 'encrypted' ? next.messages.role : undefined;
    expect(role).toBe('retriever');
  });
});

describe('a Non-Interactive-Auth message', () => {
  const { body, prekey } = offlineMessage();

  it.each([
    'plaintext',
    'waiting-auth-r',
    'waiting-auth-i',
    'encrypted',
    'encrypted, refreshing',
    'encrypted, answering a refresh',
  ] as const)('otr:T-089 asks for its prekey in "%s", and makes a session with it', (name) => {
    const { state, env } = situations[name];
    const ready = { ...state, throttle: { ...state.throttle, nextIdentityAt: -1e9 } };
    const asked = step(ready, { tag: 'receive', body }, env);
    expect([stageOf(asked.next), summary(asked.effects)]).toEqual([
      stageOf(ready),
      'prekey-wanted',
    ]);
    expect(asked.next.messages).toBe(ready.messages);
    expect(asked.next.dake).toBe(ready.dake);
    if (prekey === undefined) throw new Error('no such prekey');
    const { next, effects } = step(asked.next, { tag: 'receive', body, prekey }, env);
    expect([stageOf(next), summary(effects)]).toEqual(['encrypted', 'prekey-used established']);
  });

  it('otr:T-088 is ignored in "finished", with or without its prekey', () => {
    const { state, env } = situations.finished;
    const bare: SessionInput = { tag: 'receive', body };
    for (const input of [bare, prekey === undefined ? bare : { ...bare, prekey }]) {
      const { next, effects } = step(state, input, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    }
  });
});

describe('an Identity message', () => {
  it.each([
    ['plaintext', 'plaintext + waiting-auth-i'],
    ['encrypted', 'encrypted + waiting-auth-i'],
    ['finished', 'finished + waiting-auth-i'],
  ] as const)('otr:T-069 is answered in the state "%s"', (name, stage) => {
    const { state, env } = situations[name];
    const { next, effects } = step(state, identity, env);
    expect([stageOf(next), summary(effects)]).toEqual([stage, 'starting transmit']);
    expect(next.messages).toBe(state.messages);
  });

  it.each(['waiting-auth-i', 'encrypted, answering a refresh'] as const)(
    'otr:T-066 without our tag is ignored in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, identity, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    },
  );

  it.each(['waiting-auth-r', 'encrypted, refreshing'] as const)(
    'otr:T-064 is answered or answered back in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, identity, env);
      expect(['transmit', 'starting transmit']).toContain(summary(effects));
      expect(next.messages).toBe(state.messages);
    },
  );
});

describe('the view of a session', () => {
  it.each([
    ['plaintext', { tag: 'plaintext' }],
    ['waiting-auth-r', { tag: 'starting', role: 'initiator', heldCount: 0 }],
    ['waiting-auth-i', { tag: 'starting', role: 'responder' }],
    ['encrypted', { tag: 'encrypted', smp: 'idle', role: 'responder' }],
    ['encrypted, refreshing', { tag: 'encrypted', refreshing: { role: 'initiator' } }],
    ['encrypted, answering a refresh', { tag: 'encrypted', refreshing: { role: 'responder' } }],
    ['finished', { tag: 'finished', by: 'peer' }],
  ] as const)('tells the state "%s"', (name, view) => {
    expect(describeSession(situations[name].state)).toMatchObject(view);
  });
});
