// SPDX-License-Identifier: GPL-3.0-or-later
import {
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
} from '#otr/codec/data-message.ts';
import type { DataMessage } from '#otr/codec/data-message.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { startAsInitiator, startAsResponder } from '#otr/ratchet/ratchet.ts';
import type { Ratchet, RatchetLimits } from '#otr/ratchet/ratchet.ts';
import { open, seal } from '#otr/session/data-message.ts';
import type { Opening } from '#otr/session/data-message.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { KNOWN_TAGS } from './known-parties.ts';
import { establishedBy, knownExchange } from './known-session.ts';
import { reveal } from './reveal.ts';
import { seededEnv } from './seeded-env.ts';
import { secretsIn } from './two-parties.ts';

const { bobConfirms, aliceAccepts } = knownExchange();

/** One end of a ratchet: sends and reads messages, and says what they held. */
export class End {
  ratchet: Ratchet;
  readonly name: 'alice' | 'bob';
  readonly limits: RatchetLimits;
  readonly env: Env;
  /** Retired by the last call, wiped only when the test does it. */
  retired: readonly Secret[] = [];

  constructor(
    name: 'alice' | 'bob',
    ratchet: Ratchet,
    limits: RatchetLimits,
    env: Env = seededEnv(name),
  ) {
    this.name = name;
    this.ratchet = ratchet;
    this.limits = limits;
    this.env = env;
  }

  say(text: string, isLast = false): Uint8Array {
    const to = this.name === 'alice' ? 'bob' : 'alice';
    const route = { senderTag: KNOWN_TAGS[this.name], receiverTag: KNOWN_TAGS[to] };
    const content = { text, tlvs: [], ignoreUnreadable: false, padTo: 0, isLast };
    const sealed = seal(this.ratchet, { ...content, ...route }, this.env);
    this.ratchet = sealed.next;
    this.retired = sealed.retired;
    return sealed.bytes;
  }

  /** Tries a message; the ratchet moves only when it opens. */
  try(bytes: Uint8Array): Opening {
    const opening = open(this.ratchet, decodeDataMessage(bytes), this.limits, this.env);
    if (opening.tag === 'opened') {
      this.ratchet = opening.next;
      this.retired = opening.retired;
    }
    return opening;
  }

  /** The text of a message that opens, or why it does not. */
  hear(bytes: Uint8Array): string {
    const opening = this.try(bytes);
    return opening.tag === 'opened' ? opening.plaintext.text : `(${opening.why})`;
  }
}

/** Two ends right after a key exchange; Bob was the initiator. */
export function ratchetPair(limits: Partial<RatchetLimits> = {}): {
  readonly alice: End;
  readonly bob: End;
} {
  const all = { ...RATCHET_LIMITS, ...limits };
  const bob = establishedBy(bobConfirms);
  const alice = establishedBy(aliceAccepts);
  return {
    bob: new End('bob', startAsInitiator(bob.mixed, bob.firstKeys), all),
    alice: new End('alice', startAsResponder(alice.mixed, alice.firstKeys), all),
  };
}

/** A message changed on its way, with the authenticator it had. */
export function tampered(bytes: Uint8Array, change: Partial<DataMessage>): Uint8Array {
  const { message } = decodeDataMessage(bytes);
  const changed = { ...message, ...change };
  return encodeDataMessage(encodeDataSections(changed), changed.authenticator, [
    changed.revealedMacKeys,
  ]);
}

/** Everything a ratchet holds, secrets included, for comparing before and after. */
export function fingerprintOf(ratchet: Ratchet): string {
  const plain = JSON.stringify(ratchet, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString(16) : value,
  );
  return `${plain} ${[...secretsIn(ratchet)].map(reveal).join(' ')}`;
}
