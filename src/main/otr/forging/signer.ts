// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": whose key a forger signs with.

import { equalBytes } from '../crypto/constant-time.ts';
import { SEED_LENGTH } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { Secret } from '../crypto/secret.ts';
import type { Env } from '../env.ts';
import { openLongTermKey } from '../profile/long-term-key.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';

/** The first of the forger's keys that is a member of the ring. */
export function signerAmong(
  keys: readonly LongTermKey[],
  members: readonly EcdhPublic[],
): LongTermKey | undefined {
  return keys.find((key) => members.some((member) => equalBytes(member, key.public)));
}

/** An ephemeral pair that the forger signs with, and how to have the engine draw it. */
export interface ChosenEphemeral extends Disposable {
  readonly key: LongTermKey;
  /** The first seed that is drawn from it is this one. */
  plantedIn(env: Env): Env;
}

/** A fresh pair is made from 57 random bytes exactly as a long-term one is. */
export function chooseEphemeral(env: Env): ChosenEphemeral {
  const key = openLongTermKey(Secret.own(env.random(SEED_LENGTH), SEED_LENGTH));
  return {
    key,
    plantedIn(inner) {
      let isPlanted = false;
      return {
        random(length) {
          if (isPlanted || length !== SEED_LENGTH) return inner.random(length);
          isPlanted = true;
          return key.seed.lend((bytes) => bytes.slice());
        },
        nowMs: () => inner.nowMs(),
        monotonicMs: () => inner.monotonicMs(),
      };
    },
    [Symbol.dispose]() {
      key.seed.wipe();
    },
  };
}
