// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';

import { concat, encodeUtf8, formatHex, parseHex } from '#otr/bytes.ts';
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { TLV_TYPE } from '#otr/codec/tlv.ts';
import type { Tlv } from '#otr/codec/tlv.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import { deriveExtraKeys } from '#otr/ratchet/extra-keys.ts';
import type { ExtraKeys } from '#otr/ratchet/extra-keys.ts';
import { seal } from '#otr/session/data-message.ts';
import type { ExtraKeysInput } from '#otr/session/input.ts';
import { step } from '#otr/session/session.ts';

import { reveal } from '../../support/reveal.ts';
import { allSituations } from '../../support/session-states.ts';
import { identityOf, secretsIn, TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';
import known from '../../vectors/appendix-a/ratchet.json';

const situations = allSituations();
const CALL = Uint8Array.of(0x00, 0x42);
const FILE = Uint8Array.of(0x10, 0x4a, 0x01, 0x02);

const ask = (...requests: ExtraKeysInput['requests']): ExtraKeysInput => ({
  tag: 'extra-keys',
  ref: 'keys',
  requests,
});
const record = (...value: readonly number[]): Tlv => ({
  type: TLV_TYPE.extraSymmetricKey,
  value: Uint8Array.from(value),
});
const other = (type: number): Tlv => ({ type, value: new Uint8Array(3) });

/** The keys as they look, in order. */
function reveals({ first, derived }: ExtraKeys): readonly string[] {
  return [first, ...derived.map(({ key }) => key)].map(reveal);
}

/** R-41, by hand. */
function chain(first: string, ...links: readonly (readonly [number, string])[]): readonly string[] {
  const keys = [first];
  for (const [index, context] of links) {
    const before = parseHex(keys.at(-1) ?? '');
    const input = concat(encodeUtf8('OTRv4'), Uint8Array.of(index), parseHex(context), before);
    keys.push(formatHex(shake256(input, { dkLen: 64 })));
  }
  return keys;
}

/** A data message of Bob's with records that no client of ours would put so. */
function craft({ bob }: TwoParties, text: string, tlvs: readonly Tlv[]): string {
  const { messages } = bob.state;
  if (messages.tag !== 'encrypted') throw new RangeError('no session');
  const route = {
    senderTag: identityOf('bob').profile.ownerTag,
    receiverTag: identityOf('alice').profile.ownerTag,
  };
  const content = { text, tlvs, ignoreUnreadable: true, padTo: 0, ...route };
  const sealed = seal(messages.ratchet, content, bob.env);
  bob.state = { ...bob.state, messages: { ...messages, ratchet: sealed.next } };
  return formatArmor(sealed.bytes);
}

const keysOf = (party: Party) => party.heard('extra-keys');

describe('extra symmetric keys of a message', () => {
  const first = () => Secret.own(parseHex(known.ESK), 64);

  it('otr:T-112 is the known one for the record at place 1', () => {
    const keys = deriveExtraKeys(first(), [other(2), record(0x00, 0x42)]);
    expect(keys?.derived.map(({ key }) => reveal(key))).toEqual([
      known['ESK derived idx1 ctx 00420000'],
    ]);
  });

  it('otr:T-112 follow from each other by place and context, whatever stands between', () => {
    const tlvs = [
      other(1),
      record(0x00, 0x42),
      other(0),
      record(0x10, 0x4a, 0x01, 0x02, 0xaa, 0xbb),
      other(99),
      record(),
    ];
    const secret = first();
    const keys = deriveExtraKeys(secret, tlvs);
    if (keys === undefined) throw new RangeError('no keys');
    expect(reveals(keys)).toEqual(
      chain(known.ESK, [1, '00420000'], [3, '104a0102'], [5, '00000000']),
    );
    expect(
      keys.derived.map(({ context, value }) => [formatHex(context), formatHex(value)]),
    ).toEqual([
      ['00420000', ''],
      ['104a0102', 'aabb'],
      ['00000000', ''],
    ]);
    // Lent, not taken.
    expect(keys.first).not.toBe(secret);
    expect(secret.wiped).toBe(false);
  });

  it('otr:T-112 are ten at most, beside that of the message itself', () => {
    const counts = [9, 10, 11, 64].map((count) => {
      const tlvs = Array.from({ length: count }, (_, n) => record(n));
      return deriveExtraKeys(first(), tlvs)?.derived.length;
    });
    expect(counts).toEqual([9, 10, 10, 10]);
  });

  it('are none where no record announces one', () => {
    expect(deriveExtraKeys(first(), [])).toBeUndefined();
    expect(deriveExtraKeys(first(), [other(0), other(8)])).toBeUndefined();
  });
});

describe('asking for extra symmetric keys', () => {
  it('otr:T-113 gives both sides the same, with what each is for', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    const requests = [{ context: CALL }, { context: FILE, value: encodeUtf8('holiday.jpg') }];
    const sent = bob.do(ask(...requests)).filter(({ tag }) => tag === 'transmit');
    // The message is no text of the user's, whom its reference would mean.
    expect(sent).toEqual([{ tag: 'transmit', kind: 'control', bodies: bob.outbox }]);
    parties.settle();
    const [ours] = keysOf(bob);
    const [theirs] = keysOf(alice);
    if (ours === undefined || theirs === undefined) throw new RangeError('no keys');
    expect([ours.by, ours.ref, theirs.by, theirs.ref]).toEqual(['us', 'keys', 'peer', undefined]);
    expect(reveals(ours)).toEqual(reveals(theirs));
    expect(new Set(reveals(ours)).size).toBe(3);
    expect(reveals(theirs)).toEqual(chain(reveal(theirs.first), [0, '00420000'], [1, '104a0102']));
    expect(theirs.derived.map(({ value }) => value)).toEqual([
      new Uint8Array(0),
      encodeUtf8('holiday.jpg'),
    ]);
    expect(alice.read()).toEqual([]);
  });

  it('otr:T-113 also for a message that comes late, out of the keys that were kept for it', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.do(ask({ context: CALL }));
    bob.send('after it');
    const [announcement = '', text = ''] = bob.takeOutbox();
    alice.receive(text);
    expect(keysOf(alice)).toEqual([]);
    alice.receive(announcement);
    expect(keysOf(alice).map(reveals)).toEqual(keysOf(bob).map(reveals));
  });

  it('sends the keys themselves to nobody, asks for silence and is padded like all else', () => {
    const { bob } = TwoParties.established();
    bob.do(ask({ context: CALL, value: encodeUtf8('x'.repeat(100)) }));
    const bytes = parseArmor(bob.outbox.at(-1) ?? '');
    const { message } = decodeDataMessage(bytes);
    expect(message.ignoreUnreadable).toBe(true);
    expect(message.ciphertext.length % 256).toBe(0);
    for (const key of keysOf(bob).flatMap(reveals)) expect(formatHex(bytes)).not.toContain(key);
  });

  it('otr:T-112 is refused for an eleventh key, and for more than a record holds', () => {
    const { bob } = TwoParties.established();
    const before = bob.state;
    const many = (count: number) => Array.from({ length: count }, () => ({ context: CALL }));
    const ofLength = (length: number) => ({ context: CALL, value: new Uint8Array(length) });
    bob.do(ask(...many(LIMITS.extraSymmetricKeys + 1)));
    bob.do(ask({ context: CALL }, { context: new Uint8Array(5) }));
    bob.do(ask(ofLength(LIMITS.extraKeyValuesBytes), ofLength(1)));
    expect(bob.heard('refused').map(({ why }) => why)).toEqual([
      'too-many-keys',
      'too-long',
      'too-long',
    ]);
    expect(bob.do(ask())).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    expect(bob.state).toBe(before);
    bob.do(ask(...many(LIMITS.extraSymmetricKeys)));
    bob.do(ask(ofLength(LIMITS.extraKeyValuesBytes)));
    expect(keysOf(bob).map(({ derived }) => derived.length)).toEqual([10, 1]);
  });

  it.each([
    ['plaintext', 'not-encrypted'],
    ['waiting-auth-r', 'not-encrypted'],
    ['waiting-auth-i', 'not-encrypted'],
    ['encrypted, refreshing', 'starting'],
    ['encrypted, answering a refresh', 'starting'],
    ['finished', 'finished'],
  ] as const)('is refused in the state "%s": %s', (name, why) => {
    const { state, env } = situations[name];
    const { next, effects } = step(state, ask({ context: CALL }), env);
    expect(next).toBe(state);
    expect(effects).toEqual([{ tag: 'refused', ref: 'keys', why }]);
  });

  it('leaves the keys to whoever got them: the session holds none', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    bob.do(ask({ context: CALL }));
    parties.settle();
    for (const party of [alice, bob]) {
      const [keys] = keysOf(party);
      const held = secretsIn(party.state);
      expect(secretsIn(keys).size).toBe(2);
      for (const secret of secretsIn(keys)) {
        expect(secret.wiped).toBe(false);
        expect(held.has(secret)).toBe(false);
      }
    }
  });
});

describe('records of a message that announces keys', () => {
  it('otr:T-205 are numbered as in version 4: 8 announces nothing', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    alice.receive(craft(parties, 'text', [other(8)]));
    expect(alice.read()).toEqual(['text']);
    expect(keysOf(alice)).toEqual([]);
    // In version 3 this would be a question of the comparison.
    alice.receive(craft(parties, '', [record(0x77, 0x68, 0x6f, 0x3f, 0)]));
    expect(alice.heard('smp-asked')).toEqual([]);
    expect(keysOf(alice)).toHaveLength(1);
  });

  it('may be of other kinds too, and each is looked at', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    const tlvs = [other(0), record(1), other(1)];
    alice.receive(craft(parties, 'bye', tlvs));
    const tags = alice.told.map(({ tag }) => tag).filter((tag) => tag !== 'starting');
    expect(tags).toEqual(['established', 'message', 'extra-keys', 'ended']);
    const [keys] = keysOf(alice);
    if (keys === undefined) throw new RangeError('no keys');
    expect(reveals(keys)).toEqual(chain(reveal(keys.first), [1, '01000000']));
  });

  it('announce nothing in a message that is not genuine', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    const bytes = parseArmor(craft(parties, '', [record(1)])).slice();
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
    alice.receive(formatArmor(bytes));
    expect(keysOf(alice)).toEqual([]);
  });
});
