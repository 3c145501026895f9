// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Security Properties": what of a session is kept on a disk is encrypted and authenticated.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

import type { Secret } from './secret.ts';

/** Random: long enough never to repeat under one key. */
export const AEAD_NONCE_LENGTH = 24;
export const AEAD_TAG_LENGTH = 16;

export interface AeadContext {
  readonly key: Secret<32>;
  /** 24 bytes, never used before with this key. */
  readonly nonce: Uint8Array;
  /** Bound to the ciphertext, not part of it. */
  readonly associated: Uint8Array;
}

/** XChaCha20-Poly1305. @returns 16 bytes more than `plaintext` has */
export function sealAead(
  { key, nonce, associated }: AeadContext,
  plaintext: Uint8Array,
): Uint8Array {
  return key.lend((bytes) => xchacha20poly1305(bytes, nonce, associated).encrypt(plaintext));
}

/** @returns undefined for anything but what {@link sealAead} made with the same context */
export function openAead(
  { key, nonce, associated }: AeadContext,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  return key.lend((bytes) => {
    try {
      return xchacha20poly1305(bytes, nonce, associated).decrypt(ciphertext);
    } catch {
      return undefined;
    }
  });
}
