// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import type { Dialect } from '#otr/dake/phi.ts';
import type { Env } from '#otr/env.ts';
import { createClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import type { OwnIdentity } from '#otr/session/params.ts';
import type { SessionPolicy } from '#otr/session/policy.ts';
import { createSession, step } from '#otr/session/session.ts';

import { reveal } from './reveal.ts';

/** Everything our side of a conversation depends on but what happens in it. */
export interface TranscriptHead {
  /** What was run. */
  readonly about: string;
  /** The implementation that wrote the peer's bodies. */
  readonly peer: string;
  /** Our randomness, and our keys, which are made from it and good for nothing else. */
  readonly seed: string;
  /** When it was recorded, in milliseconds: the profiles in it are valid for some days. */
  readonly nowMs: number;
  readonly ourJid: string;
  readonly theirJid: string;
  readonly policy: Partial<SessionPolicy>;
}

/** What came of one input, as far as it is worth keeping. */
export interface Outcome {
  /** Bodies to transmit, in order. */
  readonly sent?: readonly string[];
  /** Texts that were decrypted. */
  readonly read?: readonly string[];
  /** What else the user was told. */
  readonly told?: readonly string[];
}

export interface TranscriptStep extends Outcome {
  /** Monotonic clock, in milliseconds. */
  readonly at: number;
  /** Who wrote the body of a `receive`: the peer, or the one who ran the test, in its place. */
  readonly from?: 'peer' | 'tester';
  readonly input: SessionInput;
}

export interface Transcript extends TranscriptHead {
  readonly steps: readonly TranscriptStep[];
}

/**
 * The same seed draws the same bytes. Draws of each length come from a stream of their own, so that
 * keys of different kinds may be made in another order.
 */
function streamEnv(seed: string, nowMs: number, monotonicMs: () => number): Env {
  const drawn = new Map<number, number>();
  return {
    random: (length) => {
      const nth = (drawn.get(length) ?? 0) + 1;
      drawn.set(length, nth);
      const label = `${seed}/${length.toString()}/${nth.toString()}`;
      return shake256(utf8ToBytes(label), { dkLen: length });
    },
    nowMs: () => nowMs,
    monotonicMs,
  };
}

function makeIdentity({ seed, nowMs }: TranscriptHead): OwnIdentity {
  const env = streamEnv(`${seed}/identity`, nowMs, () => 0);
  const longTermKey = createLongTermKey(env);
  const forgingKey = createForgingKeyAndForget(env);
  const ownerTag = createInstanceTag(env);
  return { longTermKey, profile: createClientProfile({ ownerTag, longTermKey, forgingKey }, env) };
}

/** Our side of a conversation, from its beginning on. */
export class OurSide {
  readonly own: OwnIdentity;
  #state;
  #now = 0;
  readonly #env: Env;

  /** @param dialect that of the peer, or another to show that it matters */
  constructor(head: TranscriptHead, dialect: Dialect) {
    const { ourJid, theirJid, policy } = head;
    this.own = makeIdentity(head);
    this.#env = streamEnv(head.seed, head.nowMs, () => this.#now);
    this.#state = createSession({ own: this.own, ourJid, theirJid, policy, dialect });
  }

  get state() {
    return this.#state;
  }

  /** @param at monotonic clock, in milliseconds */
  do(input: SessionInput, at: number): Outcome {
    this.#now = at;
    const { next, effects } = step(this.#state, input, this.#env);
    this.#state = next;
    for (const effect of effects) {
      if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
    }
    return toOutcome(effects);
  }
}

function toOutcome(effects: readonly SessionEffect[]): Outcome {
  const sent = effects.flatMap((effect) => (effect.tag === 'transmit' ? effect.bodies : []));
  const read = effects.flatMap((effect) => (effect.tag === 'message' ? [effect.text] : []));
  const told = effects.flatMap((effect) => {
    const line = toLine(effect);
    return line === undefined ? [] : [line];
  });
  return {
    ...(sent.length > 0 && { sent }),
    ...(read.length > 0 && { read }),
    ...(told.length > 0 && { told }),
  };
}

/** An effect in a few words, which stay the same when effects learn to say more. */
function toLine(effect: SessionEffect): string | undefined {
  switch (effect.tag) {
    case 'transmit':
    case 'message':
    case 'retire':
      return undefined;
    case 'plaintext':
      return `plaintext ${effect.text}`;
    case 'established': {
      const { first, second, ours } = effect.ssid;
      const kind = effect.replaced ? 'replaced' : 'new';
      return `established ${effect.role} ${kind} ${first} ${second} ${ours}`;
    }
    case 'smp-result':
      return `smp-result ${effect.matched ? 'matched' : 'different'} ${effect.as}`;
    case 'smp-asked':
      return `smp-asked ${effect.question ?? ''}`;
    case 'peer-error':
      return `peer-error ${effect.code}`;
    case 'ended':
      return `ended ${effect.by} ${effect.revealed.toString()}`;
    case 'smp-progress':
      return `smp-progress ${effect.at}`;
    case 'smp-aborted':
      return `smp-aborted ${effect.by}`;
    case 'starting':
      return `starting ${effect.role}`;
    case 'extra-keys': {
      const keys = [effect.first, ...effect.derived.map(({ key }) => key)];
      return `extra-keys ${effect.by} ${keys.map(takeKey).join(' ')}`;
    }
    default:
      return 'why' in effect ? `${effect.tag} ${effect.why}` : effect.tag;
  }
}

/** The key itself, of which the secret is wiped: nobody else is told of it. */
function takeKey(key: Secret): string {
  using owned = key;
  return reveal(owned);
}

/** A transcript as a file holds it: bytes among the inputs are written `{ "hex": "…" }`. */
export function parseTranscript(text: string): Transcript {
  return JSON.parse(text, (_, value: unknown) => {
    const isBytes = typeof value === 'object' && value !== null && 'hex' in value;
    return isBytes && typeof value.hex === 'string' ? hexToBytes(value.hex) : value;
  }) as Transcript;
}

/** What comes of the same inputs, in the order they were recorded. */
export function replay(transcript: Transcript, dialect: Dialect): readonly Outcome[] {
  const us = new OurSide(transcript, dialect);
  return transcript.steps.map(({ input, at }) => us.do(input, at));
}
