// SPDX-License-Identifier: GPL-3.0-or-later
import { shake256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import type { Env } from '#otr/env.ts';

/** Expiration of the profiles of the known answers, and an instant a day before it. */
export const KNOWN_EXPIRATION_MS = 4_102_444_800_000;
export const KNOWN_NOW_MS = KNOWN_EXPIRATION_MS - 86_400_000;

/** The known answers' "randomness": SHAKE-256("OTRv4-KAT/" || label). */
export function labelled(label: string, length: number): Uint8Array {
  return shake256(utf8ToBytes(`OTRv4-KAT/${label}`), { dkLen: length });
}

/** How the known answers state what is too long to print: 32 bytes of SHAKE-256. */
export function digest(bytes: Uint8Array): string {
  return bytesToHex(shake256(bytes, { dkLen: 32 }));
}

/** An `Env` that gives the bytes of one label after the other, and nothing more than was planned. */
export function labelledEnv(...labels: readonly string[]): Env {
  const left = [...labels];
  return {
    random: (length) => {
      const label = left.shift();
      if (label === undefined) throw new RangeError('more randomness drawn than planned');
      return labelled(label, length);
    },
    nowMs: () => KNOWN_NOW_MS,
    monotonicMs: () => 0,
  };
}

/** Labels a ring signature draws, in its order. */
export function ringLabels(prefix: string): readonly string[] {
  return ['t', 'c1', 'c2', 'c3', 'r1', 'r2', 'r3'].map((name) => `${prefix}/${name}`);
}
