// SPDX-License-Identifier: GPL-3.0-or-later

import { decodeLittleEndian, encodeLittleEndian } from '#otr/crypto/integer.ts';
import { GROUP_ORDER } from '#otr/crypto/ed448.ts';

const ORDER = decodeLittleEndian(GROUP_ORDER);
const LENGTH = 57;

/**
 * The bytes with their scalars modulo q. Receivers accept a scalar of q and above and reduce it
 * (C-22), so that two spellings of a proof or a ring signature are one.
 *
 * @param which of the values of 57 bytes are scalars; all of them when not given
 */
export function reduced(bytes: Uint8Array, which?: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  for (let k = 0; (k + 1) * LENGTH <= bytes.length; k += 1) {
    if (which !== undefined && !which.includes(k)) continue;
    const value = decodeLittleEndian(bytes.subarray(k * LENGTH, (k + 1) * LENGTH)) % ORDER;
    copy.set(encodeLittleEndian(value, LENGTH), k * LENGTH);
  }
  return copy;
}

/** Which of the values of 57 bytes in an SMP message, after the question of the first, are scalars. */
export const SMP_SCALARS = {
  1: [1, 2, 4, 5],
  2: [1, 2, 4, 5, 8, 9, 10],
  3: [2, 3, 4, 6, 7],
  4: [1, 2],
} as const;
