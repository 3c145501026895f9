// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Key Derivation Function, Hash Function and MAC Function": SHAKE-256 itself.

import { keccakP } from '@noble/hashes/sha3.js';
import { swap32IfBE } from '@noble/hashes/utils.js';

import { Secret } from './secret.ts';
import type { SecretOrBytes } from './secret.ts';

/** Bytes of the state that take input and give output, and of all of it. */
const RATE = 136;
const STATE_LENGTH = 200;

/** Where the input ends: the suffix of SHAKE and the first bit of the padding. */
const END_OF_INPUT = 0x1f;
/** The last bit of the padding. */
const END_OF_BLOCK = 0x80;

/** One for all hashes, which never overlap; all zero between them. */
const sponge = new Uint8Array(STATE_LENGTH);
const lanes = new Uint32Array(sponge.buffer);

/**
 * SHAKE-256 of the parts one after the other: the sponge of FIPS 202 around noble's permutation.
 * noble's own sponge wants its input in one array. Here nothing is gathered and nothing left behind,
 * and the short hashes that a message is made of take a fifth less.
 *
 * @param size output length in bytes
 * @returns a fresh array owned by the caller
 * @see FIPS 202, 6.2
 */
export function shake256(parts: readonly SecretOrBytes[], size: number): Uint8Array {
  try {
    let at = 0;
    for (const part of parts) {
      const from = at;
      at = part instanceof Secret ? part.lend((bytes) => absorb(bytes, from)) : absorb(part, from);
    }
    mix(at, END_OF_INPUT);
    mix(RATE - 1, END_OF_BLOCK);
    return squeeze(size);
  } finally {
    sponge.fill(0);
  }
}

/** @returns where in the block the next byte goes */
function absorb(bytes: Uint8Array, from: number): number {
  let at = from;
  let taken = 0;
  while (taken < bytes.length) {
    const room = Math.min(RATE - at, bytes.length - taken);
    for (let k = 0; k < room; k += 1) mix(at + k, bytes[taken + k] ?? 0);
    taken += room;
    at += room;
    if (at === RATE) {
      permute();
      at = 0;
    }
  }
  return at;
}

function mix(at: number, octet: number): void {
  sponge[at] = (sponge[at] ?? 0) ^ octet;
}

function squeeze(size: number): Uint8Array {
  const output = new Uint8Array(size);
  for (let at = 0; at < size; at += RATE) {
    permute();
    output.set(sponge.subarray(0, Math.min(RATE, size - at)), at);
  }
  return output;
}

/** Lanes are little-endian whatever the machine is. */
function permute(): void {
  swap32IfBE(lanes);
  keccakP(lanes);
  swap32IfBE(lanes);
}
