// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { decodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { initiate, receiveAuthI, receiveAuthR, receiveIdentity } from '#otr/dake/interactive.ts';
import { DAKE_START } from '#otr/dake/state.ts';
import type { DakeContext, DakeState, DakeStep } from '#otr/dake/state.ts';
import { OtrError } from '#otr/errors.ts';

import { knownContext, knownExchange, sentBy, toReceived } from '../../support/known-session.ts';
import { KNOWN_NOW_MS } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const STRANGER = 0x5eed5eed;
const env = seededEnv('every input', KNOWN_NOW_MS);
const bob = knownContext('bob');
const alice = knownContext('alice');
const aliceTag = alice.own.profile.ownerTag;
const { bobStarts, aliceAnswers, bobConfirms } = knownExchange();
const identity = sentBy(bobStarts);
const authR = sentBy(aliceAnswers);
const authI = sentBy(bobConfirms);
const another = sentBy(initiate(DAKE_START, 0, bob, seededEnv('another', KNOWN_NOW_MS)));
const named = sentBy(initiate(DAKE_START, aliceTag, bob, seededEnv('named', KNOWN_NOW_MS)));
const ofAlice = (seed: string) =>
  sentBy(initiate(DAKE_START, 0, alice, seededEnv(seed, KNOWN_NOW_MS)));

/** @param at of the byte that is changed; from the end when negative */
function damaged(bytes: Uint8Array, at: number): Uint8Array {
  const place = at < 0 ? bytes.length + at : at;
  return bytes.with(place, (bytes[place] ?? 0) ^ 1);
}

function withReceiver(bytes: Uint8Array, receiver: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(7, receiver);
  return copy;
}

/** An Identity message ends in Y | B | first Y | first B: the first keys made the others over again. */
function withKeyTwice(bytes: Uint8Array, which: 'ecdh' | 'dh'): Uint8Array {
  const copy = bytes.slice();
  const ecdh = 57;
  const dh = 4 + 384;
  const end = copy.length;
  const y = end - 2 * (ecdh + dh);
  if (which === 'ecdh') copy.copyWithin(end - ecdh - dh, y, y + ecdh);
  else copy.copyWithin(end - dh, y + ecdh, y + ecdh + dh);
  return copy;
}

type Attempt = (state: DakeState, context: DakeContext) => DakeStep;
const hearIdentity =
  (bytes: Uint8Array): Attempt =>
  (state, context) =>
    receiveIdentity(state, toReceived(bytes), context, env);
const hearAuthR =
  (bytes: Uint8Array): Attempt =>
  (state, context) =>
    receiveAuthR(state, decodeAuthR(bytes), context, env);
const hearAuthI =
  (bytes: Uint8Array): Attempt =>
  (state, context) =>
    receiveAuthI(state, decodeAuthI(bytes), context);

/** Bob waits for Auth-R, Alice for Auth-I. */
const states: Readonly<Record<DakeState['tag'], readonly [DakeState, DakeContext]>> = {
  start: [DAKE_START, alice],
  'waiting-auth-r': [bobStarts.next, bob],
  'waiting-auth-i': [aliceAnswers.next, alice],
};

type Row = readonly [Attempt, Readonly<Record<DakeState['tag'], string>>];
const UNEXPECTED = '= ignored:unexpected';

/** `=` is the very same object. OTRv4 "The Protocol State Machine", as far as it is of the DAKE. */
const TABLE: Readonly<Record<string, Row>> = {
  'a start': [
    (state, context) => initiate(state, 0, context, env),
    {
      start: 'waiting-auth-r transmit',
      'waiting-auth-r': 'waiting-auth-r transmit',
      'waiting-auth-i': 'waiting-auth-r transmit',
    },
  ],
  'the Identity of the run': [
    hearIdentity(identity),
    {
      start: 'waiting-auth-i transmit',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': '= ignored:not-for-us',
    },
  ],
  'the Identity of the run, naming Alice': [
    hearIdentity(withReceiver(identity, aliceTag)),
    {
      start: 'waiting-auth-i transmit',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': '= transmit',
    },
  ],
  'another Identity of Bob': [
    hearIdentity(another),
    {
      start: 'waiting-auth-i transmit',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': '= ignored:not-for-us',
    },
  ],
  'another Identity of Bob, naming Alice': [
    hearIdentity(named),
    {
      start: 'waiting-auth-i transmit',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': 'waiting-auth-i transmit',
    },
  ],
  // Both spoke first: h(B) = 1a67... of Bob's is below most others.
  'an Identity of Alice that outranks the own': [
    hearIdentity(ofAlice('of alice')),
    {
      start: '= ignored:reflected',
      'waiting-auth-r': 'waiting-auth-i transmit',
      'waiting-auth-i': '= ignored:reflected',
    },
  ],
  'an Identity of Alice that is outranked': [
    hearIdentity(ofAlice('of alice 6')),
    {
      start: '= ignored:reflected',
      'waiting-auth-r': 'waiting-auth-r transmit',
      'waiting-auth-i': '= ignored:reflected',
    },
  ],
  'an Identity for another client': [
    hearIdentity(withReceiver(another, STRANGER)),
    {
      start: '= ignored:not-for-us',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': '= ignored:not-for-us',
    },
  ],
  'an Identity that is not genuine': [
    hearIdentity(damaged(named, 200)),
    {
      start: 'throws bad-signature',
      'waiting-auth-r': '= ignored:reflected',
      'waiting-auth-i': 'throws bad-signature',
    },
  ],
  'the Auth-R': [
    hearAuthR(authR),
    {
      start: UNEXPECTED,
      'waiting-auth-r': 'start transmit established',
      'waiting-auth-i': UNEXPECTED,
    },
  ],
  'the Auth-R, not genuine': [
    hearAuthR(damaged(authR, -600)),
    { start: UNEXPECTED, 'waiting-auth-r': '= ignored:invalid', 'waiting-auth-i': UNEXPECTED },
  ],
  'the Auth-R, for another client': [
    hearAuthR(withReceiver(authR, STRANGER)),
    { start: UNEXPECTED, 'waiting-auth-r': '= ignored:not-for-us', 'waiting-auth-i': UNEXPECTED },
  ],
  'the Auth-I': [
    hearAuthI(authI),
    { start: UNEXPECTED, 'waiting-auth-r': UNEXPECTED, 'waiting-auth-i': 'start established' },
  ],
  'the Auth-I, not genuine': [
    hearAuthI(damaged(authI, -20)),
    { start: UNEXPECTED, 'waiting-auth-r': UNEXPECTED, 'waiting-auth-i': '= ignored:invalid' },
  ],
  'the Auth-I, for another client': [
    hearAuthI(withReceiver(authI, STRANGER)),
    { start: UNEXPECTED, 'waiting-auth-r': UNEXPECTED, 'waiting-auth-i': '= ignored:not-for-us' },
  ],
};

function outcome(attempt: Attempt, [state, context]: readonly [DakeState, DakeContext]): string {
  try {
    const { next, effects } = attempt(state, context);
    const told = effects
      .filter(({ tag }) => tag !== 'retire')
      .map((effect) => (effect.tag === 'ignored' ? `ignored:${effect.why}` : effect.tag));
    return `${next === state ? '=' : next.tag} ${told.join(' ') || '-'}`;
  } catch (cause) {
    if (cause instanceof OtrError) return `throws ${cause.code}`;
    throw cause;
  }
}

describe('an Identity message in which one key serves twice', () => {
  it.each([
    ['ecdh', 'throws bad-point'],
    ['dh', 'throws bad-dh-element'],
  ] as const)('otr:D-09 is refused for its %s keys', (which, expected) => {
    const { message } = toReceived(another);
    expect(encodeMpi(message.dhPublic)).toHaveLength(388);
    expect(encodeMpi(message.firstDhPublic)).toHaveLength(388);
    const bytes = withKeyTwice(another, which);
    expect(outcome(hearIdentity(bytes), states.start)).toBe(expected);
  });
});

describe.each(Object.entries(TABLE))('%s', (_, [attempt, row]) => {
  it.each(Object.entries(row))(
    'otr:T-064 otr:T-066 otr:T-067 in the state "%s" leads to "%s"',
    (name, expected) => {
      expect(outcome(attempt, states[name as DakeState['tag']])).toBe(expected);
    },
  );
});
