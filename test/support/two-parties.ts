// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import type { OwnIdentity } from '#otr/session/params.ts';
import type { SessionPolicy } from '#otr/session/policy.ts';
import { createSession, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';

const START_MS = 1_767_225_600_000;
const DAY_MS = 86_400_000;

/** Both clocks of both parties. */
export class Clock {
  nowMs = START_MS;
  monotonicMs = 1_000;

  pass(ms: number): void {
    this.nowMs += ms;
    this.monotonicMs += ms;
  }
}

/** The same seed draws the same bytes. */
export function clockedEnv(seed: string, clock: Clock): Env {
  let drawn = 0;
  return {
    random: (length) => {
      drawn += 1;
      return shake256(utf8ToBytes(`${seed}/${drawn.toString()}`), { dkLen: length });
    },
    nowMs: () => clock.nowMs,
    monotonicMs: () => clock.monotonicMs,
  };
}

const identities = new Map<string, OwnIdentity>();

/** Long-term keys are slow to make and never change: one for each name. */
export function identityOf(name: string): OwnIdentity {
  const known = identities.get(name);
  if (known !== undefined) return known;
  const env = clockedEnv(`identity/${name}`, new Clock());
  const longTermKey = createLongTermKey(env);
  const owner = {
    ownerTag: createInstanceTag(env),
    longTermKey,
    forgingKey: createForgingKeyAndForget(env),
  };
  const identity = { longTermKey, profile: signClientProfile(owner, START_MS + 30 * DAY_MS) };
  identities.set(name, identity);
  return identity;
}

/** The same keys under a profile of a later date. */
export function renewedIdentityOf(name: string): OwnIdentity {
  const { longTermKey, profile } = identityOf(name);
  const { ownerTag, forgingKey } = profile;
  const owner = { ownerTag, longTermKey, forgingKey };
  return { longTermKey, profile: signClientProfile(owner, START_MS + 40 * DAY_MS) };
}

/** Every secret a value holds, however deep; the long-term key is the account's, not a session's. */
export function secretsIn(value: unknown, found = new Set<Secret>(), seen = new Set<unknown>()) {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  if (value instanceof Secret) return found.add(value as Secret);
  if (value instanceof Uint8Array) return found;
  for (const [name, part] of value instanceof Map ? value : Object.entries(value)) {
    if (name !== 'longTermKey') secretsIn(part, found, seen);
  }
  return found;
}

/** One end: a session, what it wants sent, and what it told its user. */
export class Party {
  state: SessionState;
  readonly env: Env;
  /** Bodies not yet handed to the network, oldest first. */
  readonly outbox: string[] = [];
  /** Everything but `transmit` and `retire`, oldest first. */
  readonly told: SessionEffect[] = [];
  readonly name: string;

  constructor(name: string, state: SessionState, env: Env) {
    this.name = name;
    this.state = state;
    this.env = env;
  }

  /** Steps, commits and wipes as the conversation service does, and checks who owns which secret. */
  do(input: SessionInput): readonly SessionEffect[] {
    const { next, effects } = step(this.state, input, this.env);
    auditOwnership(this.state, next, effects);
    this.state = next;
    for (const effect of effects) {
      if (effect.tag === 'transmit') this.outbox.push(...effect.bodies);
      else if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
      else this.told.push(effect);
    }
    return effects;
  }

  receive(body: string, accepted = false): readonly SessionEffect[] {
    return this.do({ tag: 'receive', body, accepted });
  }

  send(text: string): readonly SessionEffect[] {
    return this.do({ tag: 'send', ref: text, text });
  }

  /** What is in the outbox, which is empty afterwards. */
  takeOutbox(): readonly string[] {
    return this.outbox.splice(0);
  }

  /** The effects of one kind that this party's user was told of. */
  heard<Tag extends SessionEffect['tag']>(
    tag: Tag,
  ): readonly Extract<SessionEffect, { tag: Tag }>[] {
    return this.told.filter((effect) => effect.tag === tag) as never;
  }

  /** The texts this party read. */
  read(): readonly string[] {
    return this.heard('message').map(({ text }) => text);
  }
}

/** A secret that leaves the state is retired, one that stays is not, and ignoring retires none. */
function auditOwnership(
  before: SessionState,
  next: SessionState,
  effects: readonly SessionEffect[],
): void {
  const retired = new Set(
    effects.flatMap((effect) => (effect.tag === 'retire' ? effect.secrets : [])),
  );
  const kept = secretsIn(next);
  for (const secret of kept) {
    if (retired.has(secret)) throw new Error('a secret is retired although the new state holds it');
    if (secret.wiped) throw new Error('the new state holds a secret that is wiped');
  }
  for (const secret of secretsIn(before)) {
    if (secret.wiped) throw new Error('a step wiped what the old state holds');
    if (!kept.has(secret) && !retired.has(secret))
      throw new Error('a secret was lost, not retired');
  }
  if (next === before && retired.size > 0) throw new Error('an ignored input retired secrets');
}

export interface PartiesOptions {
  readonly policy?: Partial<SessionPolicy>;
  readonly seed?: string;
  readonly bobPolicy?: Partial<SessionPolicy>;
}

/** Alice and Bob, who accept each other's invitations, and a network that loses nothing. */
export class TwoParties {
  readonly clock = new Clock();
  readonly alice: Party;
  readonly bob: Party;

  constructor({ policy, bobPolicy, seed = 'two' }: PartiesOptions = {}) {
    const common = { invitations: 'accept', ...policy } as const;
    this.alice = this.#party('alice', 'bob', seed, common);
    this.bob = this.#party('bob', 'alice', seed, { ...common, ...bobPolicy });
  }

  #party(name: string, peer: string, seed: string, policy: Partial<SessionPolicy>): Party {
    const state = createSession({
      own: identityOf(name),
      ourJid: `${name}@xmpp.example`,
      theirJid: `${peer}@xmpp.example`,
      policy,
    });
    return new Party(name, state, clockedEnv(`${seed}/${name}`, this.clock));
  }

  other(party: Party): Party {
    return party === this.alice ? this.bob : this.alice;
  }

  /** Hands over everything either wants sent, until both are silent. */
  settle(): void {
    while (this.alice.outbox.length + this.bob.outbox.length > 0) {
      for (const party of [this.alice, this.bob]) {
        for (const body of party.takeOutbox()) this.other(party).receive(body);
      }
    }
  }

  /** A session that Bob started. */
  static established(options: PartiesOptions = {}): TwoParties {
    const parties = new TwoParties(options);
    parties.bob.do({ tag: 'start' });
    parties.settle();
    return parties;
  }
}
