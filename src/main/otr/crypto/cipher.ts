// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Message Format": ChaCha20 with a key for each message.

import { chacha20 } from '@noble/ciphers/chacha.js';

import type { Secret } from './secret.ts';

const CIPHER_KEY_LENGTH = 32;
const NONCE_LENGTH = 12;

/**
 * Encrypts or decrypts one message: ChaCha20, block counter from 0, nonce of 12 zero bytes.
 * The nonce may be constant because each message key encrypts exactly one message.
 *
 * @param messageKey MKenc; its first 32 bytes are the cipher key
 * @returns a fresh array as long as `bytes`
 * @see OTRv4 "When you send a Data Message"
 */
export function cipher(messageKey: Secret<64>, bytes: Uint8Array): Uint8Array {
  return messageKey.lend((key) =>
    chacha20(key.subarray(0, CIPHER_KEY_LENGTH), new Uint8Array(NONCE_LENGTH), bytes),
  );
}
