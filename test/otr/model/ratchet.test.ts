// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { generateDh } from '#otr/crypto/dh3072.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import type * as Cipher from '#otr/crypto/cipher.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { startAsInitiator, startAsResponder } from '#otr/ratchet/ratchet.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { Happens } from '../../support/happens.ts';
import { End, fingerprintOf } from '../../support/ratchet-pair.ts';
import { reveal } from '../../support/reveal.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import { digestOf, sealedUnder } from './world.ts';

/** Watches under which key each ciphertext is made. */
vi.mock('#otr/crypto/cipher.ts', async (load) => {
  const original = await load<typeof Cipher>();
  const cipher: typeof original.cipher = (key, bytes) => {
    const result = original.cipher(key, bytes);
    sealedUnder.set(digestOf(result), key.lend(digestOf));
    return result;
  };
  return { ...original, cipher };
});

const RUNS = Number(process.env['MODEL_RUNS'] ?? 1);
const LIMITS = { ...RATCHET_LIMITS, skipPerRatchet: 100, skippedKeys: 8, skippedChains: 3 };

interface Letter {
  readonly pair: number;
  readonly to: 'alice' | 'bob';
  readonly text: string;
  readonly bytes: Uint8Array;
}

interface Pair {
  readonly alice: End;
  readonly bob: End;
}

/** A ratchet of its own, as if after a key exchange. */
function pairOf(seed: string): Pair {
  const env = seededEnv(seed);
  const [aliceEcdh, bobEcdh] = [generateEcdh(env), generateEcdh(env)];
  const [aliceDh, bobDh] = [generateDh(env), generateDh(env)];
  const mixed = Secret.own<64>(env.random(64), 64);
  const bob = startAsInitiator(mixed, {
    ourEcdh: bobEcdh,
    ourDh: bobDh,
    theirEcdh: aliceEcdh.public,
    theirDh: aliceDh.public,
  });
  const alice = startAsResponder(mixed, {
    ourEcdh: aliceEcdh,
    ourDh: aliceDh,
    theirEcdh: bobEcdh.public,
    theirDh: bobDh.public,
  });
  return {
    alice: new End('alice', alice, LIMITS, seededEnv(`${seed}/alice`)),
    bob: new End('bob', bob, LIMITS, seededEnv(`${seed}/bob`)),
  };
}

type Event =
  | { readonly tag: 'say'; readonly pair: number; readonly by: 'alice' | 'bob' }
  | { readonly tag: 'deliver' | 'drop' | 'repeat'; readonly at: number }
  | { readonly tag: 'astray'; readonly at: number; readonly pair: number };

/** Some pairs, and the letters on their way. */
class Post {
  readonly pairs: readonly Pair[];
  readonly waiting: Letter[] = [];
  readonly #all: Letter[] = [];
  readonly #read = new Set<string>();
  readonly #keys = new Set<string>();

  constructor(pairs: number, seed: string) {
    this.pairs = Array.from({ length: pairs }, (_, k) => pairOf(`${seed}/${k.toString()}`));
  }

  happen(event: Event): void {
    switch (event.tag) {
      case 'say':
        this.say(event.pair % this.pairs.length, event.by);
        return;
      case 'repeat': {
        const letter = this.#all[event.at % Math.max(1, this.#all.length)];
        if (letter !== undefined) this.hand(letter);
        return;
      }
      default: {
        const letter = this.waiting[event.at % Math.max(1, this.waiting.length)];
        if (letter === undefined) return;
        if (event.tag === 'astray') {
          this.hand({ ...letter, pair: event.pair % this.pairs.length });
          return;
        }
        this.waiting.splice(this.waiting.indexOf(letter), 1);
        if (event.tag === 'deliver') this.hand(letter);
      }
    }
  }

  say(pair: number, by: 'alice' | 'bob'): string {
    const end = this.#endOf(pair, by);
    const text = `${pair.toString()} ${by} ${this.#all.length.toString()} `.padEnd(24, '.');
    const bytes = end.say(text);
    this.#wipeRetired(end);
    this.#expectFreshKey(bytes);
    const letter = { pair, to: by === 'alice' ? 'bob' : 'alice', text, bytes } as const;
    this.waiting.push(letter);
    this.#all.push(letter);
    return text;
  }

  hand({ pair, to, text, bytes }: Letter): void {
    const end = this.#endOf(pair, to);
    const before = fingerprintOf(end.ratchet);
    const opening = end.try(bytes);
    if (opening.tag === 'unopened') {
      expect(fingerprintOf(end.ratchet)).toBe(before);
      return;
    }
    this.#wipeRetired(end);
    expect(opening.plaintext.text).toBe(text);
    expect(text.startsWith(`${pair.toString()} `)).toBe(true);
    expect(this.#read.has(text), 'read again').toBe(false);
    this.#read.add(text);
    expect(end.ratchet.skipped.length).toBeLessThanOrEqual(LIMITS.skippedKeys);
  }

  hasRead(text: string): boolean {
    return this.#read.has(text);
  }

  deliverAll(): void {
    for (const letter of this.waiting.splice(0)) this.hand(letter);
  }

  #endOf(pair: number, by: 'alice' | 'bob'): End {
    const found = this.pairs[pair]?.[by];
    if (found === undefined) throw new RangeError('no such pair');
    return found;
  }

  #wipeRetired(end: End): void {
    for (const secret of end.retired) secret.wipe();
  }

  #expectFreshKey(bytes: Uint8Array): void {
    const key = sealedUnder.get(digestOf(decodeDataMessage(bytes).message.ciphertext));
    if (key === undefined) throw new RangeError('nobody saw how this was encrypted');
    expect(this.#keys.has(key), 'a message key was used twice').toBe(false);
    this.#keys.add(key);
  }
}

const pair = fc.nat(2);
const at = fc.nat(1000);
const tagged = <Tag extends string>(tag: Tag) => fc.constant(tag);
const say = fc.record({ tag: tagged('say'), pair, by: fc.constantFrom('alice', 'bob') });
const deliver = fc.record({ tag: tagged('deliver'), at: fc.oneof(fc.nat(2), at) });
const harm = fc.record({ tag: fc.constantFrom('drop', 'repeat'), at });
const astray = fc.record({ tag: tagged('astray'), at, pair });

describe('ratchets whose messages are lost, repeated, turned around and led astray', () => {
  it.each([1, 2, 3])(
    'sec:B8 otr:T-226 read each once and only at its addressee, and heal with one round trip: %i pairs',
    (pairs) => {
      const events: readonly fc.Arbitrary<Event>[] = [say, say, deliver, deliver, harm, astray];
      const commands = fc.commands(
        events.map((event) => event.map((one) => new Happens(one))),
        { maxCommands: 60, size: '+1' },
      );
      fc.assert(
        fc.property(fc.nat(), commands, (seed, happening) => {
          sealedUnder.clear();
          const post = new Post(pairs, seed.toString());
          fc.modelRun(() => ({ model: {}, real: post }), happening);
          post.waiting.splice(0);
          for (const [k, { alice, bob }] of post.pairs.entries()) {
            for (const by of ['alice', 'bob', 'alice', 'bob'] as const) {
              const text = post.say(k, by);
              post.deliverAll();
              const isFirst = by === 'alice';
              if (!isFirst) expect(post.hasRead(text)).toBe(true);
            }
            expect(reveal(alice.ratchet.rootKey)).toBe(reveal(bob.ratchet.rootKey));
          }
        }),
        { numRuns: 12 * RUNS, interruptAfterTimeLimit: 30_000 * RUNS },
      );
    },
    60_000 + RUNS * 30_000,
  );
});
