// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { step } from '#otr/session/session.ts';

import { allSituations } from '../../support/session-states.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const situations = allSituations();
const bobTag = identityOf('bob').profile.ownerTag;
const MINUTE_MS = 60_000;

/** A data message of Bob's that belongs to no session of Alice's. */
function strayMessage(): string {
  const { bob } = TwoParties.established({ seed: 'stray' });
  bob.send('stray');
  return bob.takeOutbox().at(-1) ?? '';
}

const stray = strayMessage();

function damaged(body: string): string {
  const bytes = parseArmor(body).slice();
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  bytes[bytes.length - 80] = (bytes[bytes.length - 80] ?? 0) ^ 1;
  return formatArmor(bytes);
}

const replies = (party: Party) => party.outbox.filter((body) => body.startsWith('?OTR Error'));

describe('a data message nobody can read', () => {
  it.each(['plaintext', 'waiting-auth-r', 'finished'] as const)(
    'otr:T-170 is answered with ERROR_2 in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, { tag: 'receive', body: stray }, env);
      expect(effects).toEqual([
        {
          tag: 'transmit',
          kind: 'control',
          bodies: ['?OTR Error: ERROR_2: Not in private state message'],
        },
        { tag: 'unreadable', why: 'no-session' },
      ]);
      // Where a session may have begun offline the message is kept besides: its own may come yet.
      expect(next.early).toHaveLength(name === 'finished' ? 0 : 1);
      expect({ ...next, throttle: state.throttle, early: [] }).toEqual(state);
    },
  );

  it('otr:T-171 is answered with ERROR_1 in a session, which does not change', () => {
    const parties = TwoParties.established();
    parties.bob.send('hello');
    const [body = ''] = parties.bob.takeOutbox();
    const { alice } = parties;
    const { messages } = alice.state;
    alice.receive(damaged(body));
    expect(alice.takeOutbox()).toEqual(['?OTR Error: ERROR_1: Unreadable message']);
    expect(alice.heard('unreadable')).toEqual([{ tag: 'unreadable', why: 'undecryptable' }]);
    expect(alice.state.messages).toBe(messages);
    alice.receive(body);
    expect(alice.read()).toEqual(['hello']);
  });

  it('is answered once a minute at most, and reported every time', () => {
    const { alice, clock } = TwoParties.established();
    alice.receive(stray);
    const told = alice.state;
    alice.receive(stray);
    expect(alice.state).toBe(told);
    expect(replies(alice)).toHaveLength(1);
    expect(alice.heard('unreadable')).toHaveLength(2);
    clock.pass(MINUTE_MS);
    alice.receive(stray);
    expect(replies(alice)).toHaveLength(2);
  });

  it('otr:X-28 is answered with silence where it asks for it, or is not for this client', () => {
    const parties = TwoParties.established();
    parties.bob.do({ tag: 'smp-start', secret: 'silent' });
    const bytes = parseArmor(parties.bob.takeOutbox().at(-1) ?? '').slice();
    const view = new DataView(bytes.buffer);
    view.setUint32(3, (bobTag ^ 1) >>> 0);
    const { state } = parties.alice;
    expect(parties.alice.receive(formatArmor(bytes))).toEqual([
      { tag: 'ignored', why: 'foreign-tag' },
    ]);
    view.setUint32(7, (identityOf('alice').profile.ownerTag ^ 1) >>> 0);
    expect(parties.alice.receive(formatArmor(bytes))).toEqual([
      { tag: 'ignored', why: 'not-for-us' },
    ]);
    expect(parties.alice.state).toBe(state);
    expect(parties.alice.outbox).toEqual([]);
  });

  it('otr:T-193 otr:X-28 is answered with ERROR_3 when it is of another client of the peer', () => {
    const parties = TwoParties.established();
    parties.bob.send('hello');
    const [body = ''] = parties.bob.takeOutbox();
    const bytes = parseArmor(body).slice();
    new DataView(bytes.buffer).setUint32(3, (bobTag ^ 1) >>> 0);
    const { messages } = parties.alice.state;
    parties.alice.receive(formatArmor(bytes));
    expect(parties.alice.takeOutbox()).toEqual(['?OTR Error: ERROR_3: Malformed message']);
    expect(parties.alice.state.messages).toBe(messages);
    parties.alice.receive(body);
    expect(parties.alice.read()).toEqual(['hello']);
  });
});

describe('a message that arrives twice', () => {
  it('otr:T-122 sec:T-O-DUP-1 is read once, and nobody is told of the second', () => {
    const parties = TwoParties.established();
    parties.bob.send('hello');
    const [body = ''] = parties.bob.takeOutbox();
    const { alice } = parties;
    alice.receive(body);
    const after = alice.state;
    for (let n = 0; n < 5; n += 1) {
      expect(alice.receive(body)).toEqual([{ tag: 'ignored', why: 'duplicate' }]);
    }
    expect(alice.state).toBe(after);
    expect(alice.read()).toEqual(['hello']);
    expect(alice.outbox).toEqual([]);
  });

  it('otr:T-122 is an unreadable one when it is not quite the same', () => {
    const parties = TwoParties.established();
    parties.bob.send('hello');
    const [body = ''] = parties.bob.takeOutbox();
    const { alice } = parties;
    alice.receive(body);
    alice.receive(damaged(body));
    expect(alice.heard('unreadable')).toHaveLength(1);
    expect(replies(alice)).toHaveLength(1);
  });
});

describe('an error message', () => {
  it.each(Object.entries(situations))(
    'otr:T-173 is shown by its code and changes nothing in the state "%s"',
    (_, { state, env }) => {
      const body = '?OTR Error: ERROR_2: Not in private state message';
      const { next, effects } = step(state, { tag: 'receive', body }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'peer-error', code: 'not-private' }]);
    },
  );

  it('otr:T-172 is text when it does not stand at the start', () => {
    const { alice } = new TwoParties();
    alice.receive('hello ?OTR Error: ERROR_1: x');
    expect(alice.heard('plaintext')).toMatchObject([{ text: 'hello ?OTR Error: ERROR_1: x' }]);
  });

  it('sec:T-O-LOOP-1 does not make two clients talk for ever when everything is damaged', () => {
    const parties = TwoParties.established();
    const { alice, bob, clock } = parties;
    let sent = 0;
    for (let second = 0; second < 60; second += 1) {
      clock.pass(1000);
      if (second < 10) alice.send(`text ${second.toString()}`);
      for (const party of [alice, bob]) {
        for (const body of party.takeOutbox()) {
          sent += 1;
          parties.other(party).receive(body.startsWith('?OTR:') ? damaged(body) : body);
        }
      }
    }
    expect(sent).toBeLessThanOrEqual(10 + 2);
  });
});
