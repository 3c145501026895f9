// SPDX-License-Identifier: GPL-3.0-or-later

import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { SecurityCode } from '#shared/model/security-code.ts';

const WORDS = 12;
const BITS_PER_WORD = 11;

/** A fingerprint as people compare it: the first 132 bits as words, all of it as hex. */
export function toSecurityCode(fingerprint: Uint8Array): SecurityCode {
  const words = Array.from({ length: WORDS }, (_, position) => wordAt(fingerprint, position));
  const hex = Array.from(fingerprint, (octet) => octet.toString(16).padStart(2, '0')).join('');
  return { hex: hex.toUpperCase(), words };
}

/** The word that the 11 bits at `position` name, most significant bit first. */
function wordAt(fingerprint: Uint8Array, position: number): string {
  let index = 0;
  for (let bit = position * BITS_PER_WORD; bit < (position + 1) * BITS_PER_WORD; bit += 1) {
    const octet = fingerprint[bit >> 3] ?? 0;
    index = (index << 1) | ((octet >> (7 - (bit & 7))) & 1);
  }
  return wordlist[index] ?? '';
}
