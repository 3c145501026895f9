// SPDX-License-Identifier: GPL-3.0-or-later

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { formatError } from '#otr/codec/error-message.ts';
import { formatFragment, FRAGMENT_OVERHEAD, splitMessage } from '#otr/codec/fragment.ts';
import { MESSAGE_TYPE, peekHeader } from '#otr/codec/header.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { decodeNonInteractiveAuth } from '#otr/codec/non-interactive-auth.ts';
import { formatQuery } from '#otr/codec/query.ts';
import { addWhitespaceTag } from '#otr/codec/whitespace-tag.ts';
import { Writer } from '#otr/codec/writer.ts';
import { OtrError } from '#otr/errors.ts';
import { clockedEnv, Clock, identityOf, TwoParties } from '../../test/support/two-parties.ts';
import { recordFields, type Field } from './fields.ts';

export const ALICE = identityOf('alice').profile;
export const BOB = identityOf('bob').profile;
/** Alice receives, Bob sends. */
export const ROUTE = { senderTag: BOB.ownerTag, receiverTag: ALICE.ownerTag } as const;

/** Every encoded message there is, made by two real parties. */
export interface RealMessages {
  readonly identities: readonly string[];
  readonly authR: string;
  readonly authI: string;
  /** With and without DH key, with text, without, with TLVs, with revealed MAC keys. */
  readonly data: readonly string[];
}

function take(bodies: readonly string[]): string {
  const [body] = bodies;
  if (body === undefined) throw new RangeError('nothing was sent');
  return body;
}

const made = new Map<string, RealMessages>();

/** A whole conversation, body by body: the corpus grows from these. */
export function realMessages(seed = 'real'): RealMessages {
  const known = made.get(seed) ?? converse(seed);
  made.set(seed, known);
  return known;
}

function converse(seed: string): RealMessages {
  const parties = new TwoParties({ seed });
  const { alice, bob } = parties;
  bob.do({ tag: 'start' });
  const identity = take(bob.takeOutbox());
  alice.receive(identity);
  const authR = take(alice.takeOutbox());
  bob.receive(authR);
  const authI = take(bob.takeOutbox());
  alice.receive(authI);
  const data: string[] = [];
  const pass = (): void => {
    const bodies = [...alice.takeOutbox(), ...bob.takeOutbox()];
    data.push(...bodies);
    for (const body of bodies) for (const party of [alice, bob]) party.receive(body);
  };
  for (const text of ['', 'x', 'a typical sentence', 'ü'.repeat(2000)]) {
    for (const party of [bob, alice]) {
      party.send(text);
      pass();
    }
  }
  bob.do({ tag: 'smp-start', secret: 'same', question: 'which?' });
  pass();
  alice.do({ tag: 'smp-answer', secret: 'same' });
  while (alice.outbox.length + bob.outbox.length > 0) pass();
  alice.do({ tag: 'start' });
  const known = take(alice.takeOutbox());
  alice.do({ tag: 'cancel' });
  bob.do({ tag: 'end' });
  pass();
  return { identities: [identity, known], authR, authI, data };
}

const DECODERS = new Map<number, (bytes: Uint8Array) => unknown>([
  [MESSAGE_TYPE.identity, decodeIdentity],
  [MESSAGE_TYPE.authR, decodeAuthR],
  [MESSAGE_TYPE.authI, decodeAuthI],
  [MESSAGE_TYPE.data, decodeDataMessage],
  [MESSAGE_TYPE.nonInteractiveAuth, decodeNonInteractiveAuth],
]);

/** Where the fields of an encoded message stand, by what it says it is. */
export function fieldsOfMessage(bytes: Uint8Array): readonly Field[] {
  return recordFields(() => {
    const decode = DECODERS.get(bytes[2] ?? -1) ?? peekHeader;
    return decode(bytes);
  });
}

export function bytesOf(bodies: readonly string[]): readonly Uint8Array[] {
  return bodies.map(parseArmor);
}

/** The same message as if one had written it to the other. */
export function addressed(body: string, route: typeof ROUTE = ROUTE): string {
  const bytes = parseArmor(body).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(3, route.senderTag);
  view.setUint32(7, route.receiverTag);
  return formatArmor(bytes);
}

/** Bodies that are no encoded messages of version 4, or only pieces of one. */
export function otherBodies(): readonly string[] {
  const { authI } = realMessages();
  const fragments = splitMessage(
    authI,
    ROUTE,
    FRAGMENT_OVERHEAD + 200,
    clockedEnv('f', new Clock()),
  );
  const ofType = (version: number, type: number): string =>
    formatArmor(
      new Writer()
        .short(version)
        .byte(type)
        .int(ROUTE.senderTag)
        .int(ROUTE.receiverTag)
        .bytes(new Uint8Array(300).fill(1))
        .finish(),
    );
  return [
    '',
    'plain text',
    'ütf-8 \u{1f600} text',
    formatQuery('4'),
    formatQuery('34', 'Someone would like to talk off the record.'),
    '?OTR?',
    '?OTR?v2?',
    addWhitespaceTag('tagged'),
    addWhitespaceTag(''),
    ...(['unreadable', 'not-private', 'malformed'] as const).map(formatError),
    '?OTR Error: anything',
    ...fragments,
    fragments.join('\u001e'),
    formatFragment({ ...ROUTE, identifier: 1, index: 1, total: 1, piece: '?OTR:AAQD.' }),
    formatFragment({ ...ROUTE, identifier: 2, index: 1, total: 1024, piece: 'A' }),
    '?OTR|5a73a599|27e31597,00001,00002,?OTR:AAMD,',
    ofType(3, 0x02),
    ofType(3, 0x0a),
    ofType(4, 0x0d),
    ofType(4, 0x0f),
    ofType(4, 0x99),
    '?OTR:AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA.',
    '?OTR:===.',
    '?OTR:.',
  ];
}

/** Whether nothing but an OtrError stands between these bytes and being read. */
export function isWellFormed(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    decode(bytes);
    return true;
  } catch (cause) {
    if (cause instanceof OtrError) return false;
    throw cause;
  }
}
