// SPDX-License-Identifier: GPL-3.0-or-later
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { formatFragment } from '#otr/codec/fragment.ts';
import { createInstanceTag, validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import type { OwnIdentity } from '#otr/session/params.ts';
import { createSession, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';

import { version3, version4, whitespaceTag } from './bodies-in-clear.ts';
import type { Situation } from './session-states.ts';
import { Clock, clockedEnv, identityOf, TwoParties } from './two-parties.ts';
import type { Party } from './two-parties.ts';

const DAY_MS = 86_400_000;
/** A client that nobody here is. */
export const STRANGER = validateInstanceTag(0x5eed5eed, 'tag');
const aliceTag = identityOf('alice').profile.ownerTag;
const bobTag = identityOf('bob').profile.ownerTag;

/** What `party` would say to `body`, without saying it. */
function replyOf({ state, env }: Party, body: string | undefined): string | undefined {
  const { effects } = step(state, { tag: 'receive', body: body ?? '' }, env);
  return effects.find((effect) => effect.tag === 'transmit')?.bodies[0];
}

/** A message under other tags. */
export function withTags(body: string, sender: number, receiver: number): string {
  const bytes = parseArmor(body).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(3, sender);
  view.setUint32(7, receiver);
  return formatArmor(bytes);
}

/** @param at of the byte that is damaged; from the end when negative */
function damaged(body: string, at: number): string {
  const bytes = parseArmor(body).slice();
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return formatArmor(bytes);
}

function identityFrom(own: OwnIdentity, seed: string, theirTag?: typeof aliceTag): string {
  const state: SessionState = createSession({
    own,
    ourJid: 'bob@xmpp.example',
    theirJid: 'alice@xmpp.example',
    ...(theirTag === undefined ? {} : { theirTag }),
  });
  const { effects } = step(state, { tag: 'start' }, clockedEnv(seed, new Clock()));
  return effects.find((effect) => effect.tag === 'transmit')?.bodies[0] ?? '';
}

/** Another client of Bob's, under the same long-term key. */
function telephone(): OwnIdentity {
  const { longTermKey, profile } = identityOf('bob');
  const ownerTag = createInstanceTag(clockedEnv('telephone', new Clock()));
  const owner = { ownerTag, longTermKey, forgingKey: profile.forgingKey };
  return { longTermKey, profile: signClientProfile(owner, profile.expiresAt - DAY_MS) };
}

/** A whole run of another time, of the same two people. */
function anotherRun() {
  const parties = new TwoParties({ seed: 'another time' });
  const { alice, bob } = parties;
  bob.do({ tag: 'start' });
  const [identity = ''] = bob.takeOutbox();
  alice.receive(identity);
  const [aliceAuthR = ''] = alice.takeOutbox();
  bob.receive(aliceAuthR);
  const [authI = ''] = bob.takeOutbox();
  alice.receive(authI);
  bob.send('of another time');
  bob.do({ tag: 'smp-start', secret: 'silent' });
  const [data = '', silent = ''] = bob.takeOutbox();
  bob.do({ tag: 'end' });
  const [disconnected = ''] = bob.takeOutbox();
  const authR = withTags(aliceAuthR, bobTag, aliceTag);
  return { identity, authR, authI, data, silent, disconnected };
}

const fragment = (change: object) =>
  formatFragment({
    identifier: 7,
    senderTag: bobTag,
    receiverTag: aliceTag,
    index: 1,
    total: 2,
    piece: '?OTR:AAQ',
    ...change,
  });

/** Bodies that are the same wherever Alice stands. */
export function fixedBodies() {
  const run = anotherRun();
  const phone = telephone();
  const phoneTag = phone.profile.ownerTag;
  return {
    'an empty body': '',
    'plain text': 'hello',
    'text with a tag of version 4': `hello${whitespaceTag('4')}`,
    'text with a tag of version 3': `hello${whitespaceTag('3')}`,
    'a query for 4': '?OTRv4?',
    'a query for 3 and 4': '?OTRv34?',
    'a query for 3': '?OTRv3?',
    'a query for nothing': '?OTRv?',
    'a known error': '?OTR Error: ERROR_1: Unreadable message',
    'an unknown error': '?OTR Error: ERROR_9: what?',
    'garbage in armour': '?OTR:garbage.',
    'a type nobody knows': version4(0x99),
    'a prekey message': version4(0x0f),
    'a D-H Commit of version 3': version3('D-H Commit', 0),
    'a D-H Key of version 3': version3('D-H Key'),
    'a Reveal Signature of version 3': version3('Reveal Signature'),
    'a Signature of version 3': version3('Signature'),
    'a data message of version 3': version3('data'),
    'a message of version 3 that nobody knows': formatArmor(
      parseArmor(version3('data')).with(2, 0x77),
    ),
    'a fragment of version 3': `?OTR|${bobTag.toString(16)}|${aliceTag.toString(16)},00001,00002,?OTR:AAMD,`,
    'the first fragment of two': fragment({}),
    'a fragment for another client': fragment({ receiverTag: STRANGER }),
    'a fragment of our own': fragment({ senderTag: aliceTag }),
    'a fragment that is none': fragment({ index: 3 }),
    'an Identity, new': identityFrom(identityOf('bob'), 'new'),
    'an Identity, new, naming us': identityFrom(identityOf('bob'), 'naming', aliceTag),
    'an Identity of another client': identityFrom(phone, 'telephone'),
    'an Identity of a stranger': identityFrom(identityOf('mallory'), 'stranger'),
    'an Identity of another time': run.identity,
    'an Identity for another client': withTags(run.identity, bobTag, STRANGER),
    'an Identity under our own tag': withTags(run.identity, aliceTag, 0),
    'an Identity that is not genuine': damaged(identityFrom(identityOf('bob'), 'damaged'), 200),
    'an Auth-R of another time': run.authR,
    'an Auth-I of another time': run.authI,
    'a data message of another session': run.data,
    'a data message of another session, silent': run.silent,
    'a data message of another client': withTags(run.data, phoneTag, aliceTag),
    'a data message for another client': withTags(run.data, bobTag, STRANGER),
    'a data message under our own tag': withTags(run.data, aliceTag, aliceTag),
    'a Disconnected of another session': run.disconnected,
    'a Non-Interactive-Auth that is none': version4(0x0d),
  } as const;
}

/** Bodies that answer to where Alice stands; where she waits for none of a kind, one of another time. */
export function answeringBodies(situation: Situation, fixed: ReturnType<typeof fixedBodies>) {
  const { state, bob, sent, answered, read } = situation;
  const identity = answered ?? fixed['an Identity of another time'];
  const waitsFor = state.dake.tag;
  const reply = replyOf(bob, sent[0]);
  const authR = waitsFor === 'waiting-auth-r' ? reply : fixed['an Auth-R of another time'];
  const authI = waitsFor === 'waiting-auth-i' ? reply : fixed['an Auth-I of another time'];
  if (authR === undefined || authI === undefined) throw new RangeError('no reply');
  const data = dataOf(bob);
  const next = data ?? fixed['a data message of another session'];
  return {
    'the Identity answered last': identity,
    'the Identity answered last, naming us': withTags(identity, bobTag, aliceTag),
    'the Auth-R': authR,
    'the Auth-R, not genuine': damaged(authR, -500),
    'the Auth-R, from another client': withTags(authR, STRANGER, aliceTag),
    'the Auth-R, for another client': withTags(authR, bobTag, STRANGER),
    'the Auth-I': authI,
    'the Auth-I, not genuine': damaged(authI, -20),
    'the Auth-I, from another client': withTags(authI, STRANGER, aliceTag),
    'the Auth-I, for another client': withTags(authI, bobTag, STRANGER),
    'the next data message': next,
    'the next data message, not genuine': damaged(next, -80),
    'the next data message in one fragment': fragment({ total: 1, piece: next }),
    'the data message read last': read ?? next,
    'the Disconnected': disconnectedOf(bob) ?? fixed['a Disconnected of another session'],
  } as const;
}

function dataOf({ state, env }: Party): string | undefined {
  if (state.messages.tag !== 'encrypted') return undefined;
  const plain = { ...state, dake: { tag: 'start' } as const };
  const { effects } = step(plain, { tag: 'send', ref: 1, text: 'next' }, env);
  return effects.find((effect) => effect.tag === 'transmit')?.bodies[0];
}

function disconnectedOf({ state, env }: Party): string | undefined {
  if (state.messages.tag !== 'encrypted') return undefined;
  const { effects } = step(state, { tag: 'end' }, env);
  return effects.find((effect) => effect.tag === 'transmit')?.bodies[0];
}

export type FixedBody = keyof ReturnType<typeof fixedBodies>;
export type AnsweringBody = keyof ReturnType<typeof answeringBodies>;
