// SPDX-License-Identifier: GPL-3.0-or-later
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { Box } from './key-file.ts';

/** Seals the store's key under a slot's key. */
export function sealKey(
  slotKey: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  storeKey: Uint8Array,
): Box {
  return { nonce, sealed: xchacha20poly1305(slotKey, nonce, associated).encrypt(storeKey) };
}

/** `undefined` if the slot's key is wrong or anything was changed: the two look the same. */
export function openKey(
  slotKey: Uint8Array,
  associated: Uint8Array,
  box: Box,
): Uint8Array | undefined {
  const cipher = xchacha20poly1305(slotKey, box.nonce, associated);
  try {
    return cipher.decrypt(box.sealed);
  } catch {
    return undefined;
  }
}
