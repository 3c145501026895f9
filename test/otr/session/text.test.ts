// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { TLV_TYPE } from '#otr/codec/tlv.ts';
import type { Tlv } from '#otr/codec/tlv.ts';
import { LIMITS } from '#otr/limits.ts';
import { seal } from '#otr/session/data-message.ts';
import { step } from '#otr/session/session.ts';

import { allSituations } from '../../support/session-states.ts';
import { identityOf, TwoParties } from '../../support/two-parties.ts';

const situations = allSituations();
const TAG_BASE = ' \t  \t\t\t\t \t \t \t  ';
const TAG_V4 = '  \t\t \t  ';
const TAG_V3 = '  \t\t  \t\t';

/** A data message of Bob's with records no client of ours would send. */
function craft(parties: TwoParties, text: string, tlvs: readonly Tlv[]): string {
  const { messages } = parties.bob.state;
  if (messages.tag !== 'encrypted') throw new RangeError('no session');
  const route = {
    senderTag: identityOf('bob').profile.ownerTag,
    receiverTag: identityOf('alice').profile.ownerTag,
  };
  const content = { text, tlvs, ignoreUnreadable: false, padTo: 0, ...route };
  const sealed = seal(messages.ratchet, content, parties.bob.env);
  parties.bob.state = { ...parties.bob.state, messages: { ...messages, ratchet: sealed.next } };
  return formatArmor(sealed.bytes);
}

describe('text in clear', () => {
  it.each([
    ['plaintext', 'plaintext'],
    ['waiting-auth-r', 'starting'],
    ['waiting-auth-i', 'starting'],
    ['encrypted', 'encrypted'],
    ['finished', 'finished'],
  ] as const)(
    'otr:T-179 sec:T-O-PLAIN-1 is shown for what it is in the state "%s"',
    (name, during) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, { tag: 'receive', body: 'hello' }, env);
      expect(next).toBe(state);
      const warn = during !== 'plaintext';
      expect(effects).toEqual([{ tag: 'plaintext', text: 'hello', during, warn }]);
    },
  );

  it('otr:T-179 sec:T-O-PLAIN-1 is shown as beside a session while that is refreshed', () => {
    const { alice } = TwoParties.established();
    alice.do({ tag: 'start' });
    alice.receive('hello');
    expect(alice.heard('plaintext')).toMatchObject([{ during: 'encrypted', warn: true }]);
  });

  it.each(['plaintext', 'encrypted', 'finished'] as const)(
    'otr:T-202 loses its whitespace tag in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const body = `hel${TAG_BASE}${TAG_V3}${TAG_V4}lo`;
      const { effects } = step(state, { tag: 'receive', body }, env);
      expect(effects[0]).toMatchObject({ tag: 'plaintext', text: 'hello' });
      expect(effects[1]).toEqual({ tag: 'offer', by: 'whitespace-tag', versions: '34' });
      expect(effects).toHaveLength(2);
    },
  );
});

describe('an offer in clear', () => {
  it('otr:T-200 otr:T-201 starts a key exchange when the policy says so and version 4 is in it', () => {
    for (const [body, starts] of [
      ['?OTRv4?', true],
      ['?OTRv34? words for people without OTR', true],
      ['?OTRv45x?', true],
      ['?OTRv3?', false],
      ['?OTRv?', false],
      ['?OTRv?4?', false],
      [`hi${TAG_BASE}${TAG_V4}`, true],
      [`hi${TAG_BASE}${TAG_V3}`, false],
    ] as const) {
      const { alice } = new TwoParties({ policy: { answerOffers: true } });
      alice.receive(body);
      expect([body, alice.state.dake.tag]).toEqual([body, starts ? 'waiting-auth-r' : 'start']);
      expect(alice.outbox).toHaveLength(starts ? 1 : 0);
      expect(alice.heard('offer')).toHaveLength(1);
    }
  });

  it('is only reported under the default policy', () => {
    const { alice } = new TwoParties();
    const before = alice.state;
    alice.receive('?OTRv4?');
    expect(alice.state).toBe(before);
    expect(alice.told).toEqual([{ tag: 'offer', by: 'query', versions: '4' }]);
  });

  it('sec:T-O-LOOP-1 is answered once a minute, and not right after a key exchange', () => {
    const parties = new TwoParties({ policy: { answerOffers: true } });
    const { alice, clock } = parties;
    for (let n = 0; n < 10; n += 1) alice.receive('?OTRv4?');
    expect(alice.outbox).toHaveLength(1);
    parties.settle();
    alice.receive('?OTRv4?');
    expect(alice.outbox).toEqual([]);
    clock.pass(LIMITS.queryIntervalMs);
    alice.receive('?OTRv4?');
    expect(alice.outbox).toHaveLength(1);
    expect(alice.state.messages.tag).toBe('encrypted');
  });

  it('otr:T-202 of a whitespace tag starts nothing beside a session', () => {
    const parties = TwoParties.established({ policy: { answerOffers: true } });
    parties.clock.pass(LIMITS.queryIntervalMs);
    parties.alice.receive(`hi${TAG_BASE}${TAG_V4}`);
    expect(parties.alice.state.dake.tag).toBe('start');
  });
});

describe('text of ours', () => {
  it('is refused where it would leave in clear', () => {
    const { alice } = new TwoParties();
    alice.send('secret');
    expect(alice.heard('refused')).toEqual([
      { tag: 'refused', ref: 'secret', why: 'not-encrypted' },
    ]);
    expect(alice.outbox).toEqual([]);
  });

  it.each(['plaintext', 'waiting-auth-r', 'encrypted', 'finished'] as const)(
    'is not sent without a word in it, in the state "%s"',
    (name) => {
      const { state, env } = situations[name];
      const { next, effects } = step(state, { tag: 'send', ref: 1, text: '' }, env);
      expect(next).toBe(state);
      expect(effects).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    },
  );

  it('otr:T-224 cannot forge records with a NUL', () => {
    const parties = TwoParties.established();
    parties.bob.send('bye\0\0\u0001\0\0');
    parties.settle();
    expect(parties.alice.state.messages.tag).toBe('encrypted');
    expect(parties.alice.read()).toEqual(['bye\uFFFD\uFFFD\u0001\uFFFD\uFFFD']);
  });

  it('sec:L is refused when it is too long, and sent at the limit', () => {
    const parties = TwoParties.established();
    const { alice, bob } = parties;
    const longest = 'x'.repeat(LIMITS.plaintextBytes);
    bob.do({ tag: 'send', ref: 1, text: `${longest}x` });
    expect(bob.heard('refused')).toEqual([{ tag: 'refused', ref: 1, why: 'too-long' }]);
    bob.do({ tag: 'send', ref: 2, text: longest });
    parties.settle();
    expect(alice.read()).toEqual([longest]);
  });

  it('of any length, character or direction arrives as it was', () => {
    const parties = TwoParties.established();
    const texts = ['ä', '👩‍👩‍👧', 'a\nb', ' padded ', '<b>bold</b>', '\u202eright to left', '%s%n'];
    for (const text of texts) parties.bob.send(text);
    parties.settle();
    expect(parties.alice.read()).toEqual(texts);
  });

  it('sec:T-O-PAD-1 is padded into the same few lengths as everything else', () => {
    const { bob } = TwoParties.established();
    bob.send('first, with keys');
    bob.send('x');
    bob.send('x'.repeat(200));
    bob.send('x'.repeat(300));
    bob.do({ tag: 'smp-abort' });
    const lengths = bob.outbox.map(
      (body) => decodeDataMessage(parseArmor(body)).message.ciphertext.length,
    );
    expect(lengths).toEqual([256, 256, 256, 512, 256]);
  });

  it('goes out in the order it was written, each under its reference', () => {
    const { bob } = TwoParties.established();
    const effects = ['a', 'b'].flatMap((text) => bob.send(text));
    const refs = effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.ref] : []));
    expect(refs).toEqual(['a', 'b']);
    expect(effects.filter(({ tag }) => tag === 'transmit')).toMatchObject([
      { kind: 'data' },
      { kind: 'data' },
    ]);
  });
});

describe('records inside a message', () => {
  it('otr:T-180 of unknown types are passed over, and those after them are not', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    alice.do({ tag: 'smp-start', secret: 'x' });
    alice.takeOutbox();
    alice.receive(
      craft(parties, 'text', [
        { type: 99, value: new Uint8Array(3) },
        { type: TLV_TYPE.smpAbort, value: new Uint8Array(0) },
      ]),
    );
    expect(alice.read()).toEqual(['text']);
    expect(alice.heard('smp-aborted')).toEqual([{ tag: 'smp-aborted', by: 'peer' }]);
  });

  it('otr:T-182 of padding are dropped', () => {
    const parties = TwoParties.established();
    parties.alice.receive(
      craft(parties, 'text', [{ type: TLV_TYPE.padding, value: new Uint8Array(9) }]),
    );
    expect(parties.alice.told.at(-1)).toMatchObject({ tag: 'message', text: 'text' });
  });

  it('otr:E-23 of padding and Disconnected count whatever a comparison is waiting for', () => {
    for (const asks of ['alice', 'bob', 'nobody'] as const) {
      const parties = TwoParties.established();
      const { alice } = parties;
      if (asks !== 'nobody') parties[asks].do({ tag: 'smp-start', secret: 'x' });
      parties.settle();
      const padding = { type: TLV_TYPE.padding, value: new Uint8Array(9) };
      alice.receive(craft(parties, 'padded', [padding]));
      const disconnected = { type: TLV_TYPE.disconnected, value: new Uint8Array(0) };
      alice.receive(craft(parties, 'bye', [padding, disconnected]));
      expect(alice.read()).toEqual(['padded', 'bye']);
      expect(alice.heard('ended')).toMatchObject([{ by: 'peer' }]);
      const aborted = asks === 'nobody' ? [] : [{ tag: 'smp-aborted', by: 'session-ended' }];
      expect(alice.heard('smp-aborted')).toEqual(aborted);
    }
  });

  it('after Disconnected are not looked at, and the text before it is shown', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    alice.receive(
      craft(parties, 'bye', [
        { type: TLV_TYPE.disconnected, value: new Uint8Array(5) },
        { type: TLV_TYPE.smp1, value: new Uint8Array(7) },
      ]),
    );
    expect(alice.read()).toEqual(['bye']);
    expect(alice.heard('ended')).toHaveLength(1);
    expect(alice.heard('smp-cheated')).toEqual([]);
  });

  it('otr:T-161 that are no proof end the comparison and leave the text', () => {
    const parties = TwoParties.established();
    const { alice } = parties;
    alice.receive(craft(parties, 'text', [{ type: TLV_TYPE.smp1, value: new Uint8Array(40) }]));
    expect(alice.read()).toEqual(['text']);
    expect(alice.heard('smp-cheated')).toHaveLength(1);
    expect(alice.outbox).toHaveLength(1);
    parties.settle();
    expect(parties.bob.heard('message')).toEqual([]);
  });
});
