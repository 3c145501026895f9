// SPDX-License-Identifier: GPL-3.0-or-later
import { decodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import { initiate, receiveAuthI, receiveAuthR, receiveIdentity } from '#otr/dake/interactive.ts';
import type { Dialect } from '#otr/dake/phi.ts';
import { DAKE_START } from '#otr/dake/state.ts';
import type { DakeContext, DakeStep, EstablishedDake } from '#otr/dake/state.ts';

import { knownParty } from './known-parties.ts';
import { labelledEnv, ringLabels } from './labelled-random.ts';

const JIDS = { alice: 'alice@xmpp.example', bob: 'bob@xmpp.example' } as const;

export function knownContext(name: 'alice' | 'bob', dialect: Dialect = 'spec'): DakeContext {
  return {
    own: knownParty(name),
    ourJid: JIDS[name],
    theirJid: JIDS[name === 'alice' ? 'bob' : 'alice'],
    dialect,
    transitional: 'verify',
  };
}

/** The bytes a step of the key exchange wants sent. */
export function sentBy(step: DakeStep): Uint8Array {
  const sent = step.effects.find((effect) => effect.tag === 'transmit');
  if (sent === undefined) throw new RangeError('nothing was sent');
  return sent.bytes;
}

export function establishedBy(step: DakeStep): EstablishedDake {
  const established = step.effects.find((effect) => effect.tag === 'established');
  if (established === undefined) throw new RangeError('no session');
  return established;
}

export function toReceived(bytes: Uint8Array) {
  return { message: decodeIdentity(bytes), content: bytes.slice(11) };
}

/** The key exchange of the known answers, step by step: Bob speaks first. */
export function knownExchange(dialect: Dialect = 'spec') {
  const bob = knownContext('bob', dialect);
  const alice = knownContext('alice', dialect);
  const bobStarts = initiate(
    DAKE_START,
    0,
    bob,
    labelledEnv('bob/y', 'bob/b', 'bob/ecdh0', 'bob/dh0'),
  );
  const aliceAnswers = receiveIdentity(
    DAKE_START,
    toReceived(sentBy(bobStarts)),
    alice,
    labelledEnv('alice/x', 'alice/a', 'alice/ecdh0', 'alice/dh0', ...ringLabels('rsig/auth-r')),
  );
  const bobConfirms = receiveAuthR(
    bobStarts.next,
    decodeAuthR(sentBy(aliceAnswers)),
    bob,
    labelledEnv(...ringLabels('rsig/auth-i')),
  );
  const aliceAccepts = receiveAuthI(aliceAnswers.next, decodeAuthI(sentBy(bobConfirms)), alice);
  return { bobStarts, aliceAnswers, bobConfirms, aliceAccepts };
}
