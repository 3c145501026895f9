// SPDX-License-Identifier: GPL-3.0-or-later

export interface SealedSeed {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Binds the box to what it is, so that it opens as nothing else. */
export const FORGING_FILE_KIND = 'sotto-deniability-key/1';

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** The deniability key as a file of its own, under its own passphrase (docs/threat-model.md). */
export function formatForgingFile(box: SealedSeed): Uint8Array {
  const { memoryKiB, passes, lanes, salt, nonce, sealed } = box;
  const content = {
    kind: FORGING_FILE_KIND,
    kdf: { name: 'argon2id', memoryKiB, passes, lanes, salt: base64(salt) },
    cipher: { name: 'xchacha20-poly1305', nonce: base64(nonce) },
    sealed: base64(sealed),
  };
  return new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`);
}
