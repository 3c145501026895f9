// SPDX-License-Identifier: GPL-3.0-or-later

import { shake256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** Choices that are the same for the same seed. For choosing what to try, never for keys. */
export interface Rng {
  /** From 0 up to but without `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  /** True once in `n` times. */
  readonly once: (n: number) => boolean;
}

/** Chris Doty-Humphrey's sfc32: small, fast, and without visible pattern. */
export function seededRng(seed: string): Rng {
  const view = new DataView(shake256(utf8ToBytes(seed), { dkLen: 16 }).slice().buffer);
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  const below = (limit: number): number => (limit <= 1 ? 0 : next() % limit);
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[below(list.length)] as T;
  };
  return { below, pick, once: (n) => below(n) === 0 };
}
