// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import {
  createSession,
  type OwnIdentity,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  step,
} from '#otr/index.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Env } from '#otr/env.ts';
import { createClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';

export const env: Env = {
  random: (length) => new Uint8Array(randomBytes(length)),
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export function makeIdentity(tag: number): OwnIdentity {
  const longTermKey = createLongTermKey(env);
  const forgingKey = createForgingKeyAndForget(env);
  const profile = createClientProfile(
    { ownerTag: validateInstanceTag(tag, 'tag'), longTermKey, forgingKey },
    env,
  );
  return { longTermKey, profile };
}

/** One side of a conversation and what it has seen. */
export class Party {
  state: SessionState;
  seen: SessionEffect[] = [];

  constructor(own: OwnIdentity, ourJid: string, theirJid: string) {
    this.state = createSession({ own, ourJid, theirJid, policy: { invitations: 'accept' } });
  }

  /** Takes one input and returns the bodies to send. */
  take(input: SessionInput): readonly string[] {
    const { next, effects } = step(this.state, input, env);
    this.state = next;
    this.seen = [...effects];
    for (const effect of effects) {
      if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
    }
    return effects.flatMap((effect) => (effect.tag === 'transmit' ? effect.bodies : []));
  }
}

export interface Pair {
  readonly alice: Party;
  readonly bob: Party;
}

export const makePair = (alice: OwnIdentity, bob: OwnIdentity): Pair => ({
  alice: new Party(alice, 'alice@localhost', 'bob@localhost'),
  bob: new Party(bob, 'bob@localhost', 'alice@localhost'),
});

/** Delivers until nobody has anything more to say. */
export function deliver(from: Party, to: Party, bodies: readonly string[]): void {
  let [sender, receiver, waiting] = [from, to, bodies];
  while (waiting.length > 0) {
    const target = receiver;
    const answers = waiting.flatMap((body) => target.take({ tag: 'receive', body }));
    [sender, receiver, waiting] = [receiver, sender, answers];
  }
}

export function shakeHands({ alice, bob }: Pair): void {
  deliver(bob, alice, bob.take({ tag: 'start' }));
}

/** One text across; throws if it did not arrive. */
export function say(from: Party, to: Party, text: string): void {
  deliver(from, to, from.take({ tag: 'send', ref: 0, text }));
}

export function established(): Pair {
  const pair = makePair(makeIdentity(0x1000), makeIdentity(0x2000));
  shakeHands(pair);
  if (![...pair.bob.seen, ...pair.alice.seen].some(({ tag }) => tag === 'established')) {
    throw new Error('no session was established');
  }
  return pair;
}
