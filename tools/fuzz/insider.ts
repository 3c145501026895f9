// SPDX-License-Identifier: GPL-3.0-or-later

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
  MAC_LENGTH,
  type Ciphertext,
} from '#otr/codec/data-message.ts';
import { decodePlaintext, type Tlv } from '#otr/codec/tlv.ts';
import { cipher } from '#otr/crypto/cipher.ts';
import { kdf, USAGE } from '#otr/crypto/kdf.ts';
import { deriveMacKey, type MessageKey } from '#otr/ratchet/chain.ts';
import { prepareSend, type RatchetHeader } from '#otr/ratchet/send.ts';
import type { Env } from '#otr/env.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';
import { TwoParties, type Party } from '../../test/support/two-parties.ts';
import { ROUTE } from './messages.ts';

/** Alice in the middle of something, and Bob with the keys to say anything at all to her. */
export interface Insider {
  readonly alice: SessionState;
  /** Plaintexts that Bob's own client would send next. */
  readonly honest: readonly Uint8Array[];
  readonly seal: (plaintext: Uint8Array) => string;
  /** The sections of a message, authenticated as they are. */
  readonly authenticate: (sections: Uint8Array) => string;
  readonly sections: Uint8Array;
}

export type InsiderName = 'idle' | 'asked' | 'expect2' | 'expect3' | 'expect4';

const SECRET = 'the same';

interface Script {
  /** What happened, and was delivered, before both turned their ratchets. */
  readonly before?: (parties: TwoParties) => void;
  /** What Alice does afterwards. */
  readonly after?: (parties: TwoParties) => void;
}

function bobAsks(parties: TwoParties): void {
  parties.bob.do({ tag: 'smp-start', secret: SECRET, question: 'which?' });
  parties.settle();
}

/** Bob's answer is still on its way when both turn their ratchets. */
const late: { bodies: readonly string[] } = { bodies: [] };

const SCRIPTS: Readonly<Record<InsiderName, Script>> = {
  idle: {},
  asked: { before: bobAsks },
  expect2: {
    after: ({ alice }) => {
      alice.do({ tag: 'smp-start', secret: SECRET });
    },
  },
  expect3: {
    before: bobAsks,
    after: ({ alice }) => {
      alice.do({ tag: 'smp-answer', secret: SECRET });
    },
  },
  expect4: {
    before: (parties) => {
      const { alice, bob } = parties;
      alice.do({ tag: 'smp-start', secret: SECRET });
      parties.settle();
      bob.do({ tag: 'smp-answer', secret: SECRET });
      late.bodies = bob.takeOutbox();
      bob.send('after the answer');
      parties.settle();
    },
    after: ({ alice }) => {
      for (const body of late.bodies) alice.receive(body);
    },
  },
};

const ACTIONS: readonly SessionInput[] = [
  { tag: 'send', ref: 1, text: 'text' },
  { tag: 'send', ref: 1, text: 'ü'.repeat(300) },
  { tag: 'smp-start', secret: SECRET },
  { tag: 'smp-start', secret: SECRET, question: 'what was it?' },
  { tag: 'smp-answer', secret: SECRET },
  { tag: 'smp-abort' },
  { tag: 'end' },
];

/**
 * Both turned their ratchets, Bob last and without Alice knowing: from here on what he sends stays
 * in one chain, and what she sends in hers.
 */
function poised({ before }: Script): TwoParties {
  const parties = TwoParties.established({ seed: 'insider', policy: { heartbeatAfterMs: 0 } });
  const { alice, bob } = parties;
  bob.send('first');
  parties.settle();
  before?.(parties);
  alice.send('second');
  for (const body of alice.takeOutbox()) bob.receive(body);
  bob.send('third');
  return parties;
}

export function insider(name: InsiderName): Insider {
  const script = SCRIPTS[name];
  const parties = poised(script);
  const { alice, bob } = parties;
  const third = bob.takeOutbox();
  script.after?.(parties);
  const { header, messageKey, macKey } = nextKeys(bob.state, bob.env);
  const honest = nextPlaintexts(bob, alice.takeOutbox(), messageKey);
  for (const body of third) alice.receive(body);
  alice.takeOutbox();
  const authenticate = (sections: Uint8Array): string => {
    const mac = kdf(USAGE.authenticator, [macKey, sections], MAC_LENGTH);
    return formatArmor(encodeDataMessage(sections, mac, []));
  };
  const toSections = (plaintext: Uint8Array): Uint8Array =>
    sectionsOf(header, messageKey, plaintext);
  return {
    alice: alice.state,
    honest,
    authenticate,
    seal: (plaintext) => authenticate(toSections(plaintext)),
    sections: toSections(new Uint8Array(40).fill(0x61)),
  };
}

/** The keys of the next message, which stay ours. */
function nextKeys(state: SessionState, env: Env) {
  if (state.messages.tag !== 'encrypted') throw new RangeError('no session');
  const { header, messageKey } = prepareSend(state.messages.ratchet, env);
  return { header, messageKey, macKey: deriveMacKey(messageKey) };
}

/** What Bob says next of himself after he heard from Alice, or else what he may be told to say. */
function nextPlaintexts(
  { state, env }: Party,
  heard: readonly string[],
  key: MessageKey,
): readonly Uint8Array[] {
  let after = state;
  const replies: string[] = [];
  for (const body of heard) {
    const { next, effects } = step(after, { tag: 'receive', body }, env);
    after = next;
    replies.push(...bodiesIn(effects));
  }
  const from = replies.length > 0 ? state : after;
  const actions = ACTIONS.flatMap((input) => bodiesIn(step(from, input, env).effects).slice(0, 1));
  return [...replies.slice(0, 1), ...actions].map((body) =>
    cipher(key, decodeDataMessage(parseArmor(body)).message.ciphertext),
  );
}

function bodiesIn(effects: readonly SessionEffect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.tag === 'transmit' ? effect.bodies : []));
}

function sectionsOf(header: RatchetHeader, key: MessageKey, plaintext: Uint8Array): Uint8Array {
  const ciphertext = cipher(key, plaintext) as Ciphertext;
  return encodeDataSections({ ...ROUTE, ...header, ignoreUnreadable: false, ciphertext });
}

/** The records of one whole comparison, in order. */
export function realSmpRecords(): readonly Tlv[] {
  const names: readonly InsiderName[] = ['idle', 'expect2', 'expect3', 'expect4'];
  return names.flatMap((name) =>
    insider(name).honest.flatMap((plain) => decodePlaintext(plain).tlvs),
  );
}
