// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints": keys that last for years.

import type { Env } from '../env.ts';
import { expandSeed, multiplyBase, SEED_LENGTH } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { Secret } from '../crypto/secret.ts';

/** The secret a key pair is made from: `sym_h`, 57 random bytes. It signs, and its scalar proves. */
export type Seed = Secret<typeof SEED_LENGTH>;

/** A pair that names a person's client for years: H, or the forging key F while its secret is kept. */
export interface LongTermKey {
  readonly seed: Seed;
  readonly public: EcdhPublic;
}

/** @see OTRv4 "Public keys, Shared Prekeys, Forging keys and Fingerprints" */
export function createLongTermKey(env: Env): LongTermKey {
  return openLongTermKey(Secret.own(env.random(SEED_LENGTH), SEED_LENGTH));
}

/** The pair a stored seed belongs to. Takes ownership of `seed`. */
export function openLongTermKey(seed: Seed): LongTermKey {
  using scalar = expandSeed(seed);
  return { seed, public: multiplyBase(scalar) };
}

/**
 * The forging key of somebody who does not want to forge: its secret is gone before anyone could
 * keep it. The default; {@link createLongTermKey} makes one whose secret is kept.
 *
 * @see OTRv4 "Forger Keys"
 */
export function createForgingKeyAndForget(env: Env): EcdhPublic {
  const key = createLongTermKey(env);
  key.seed.wipe();
  return key.public;
}
