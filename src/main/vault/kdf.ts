// SPDX-License-Identifier: GPL-3.0-or-later

/** Cost and salt of Argon2id (RFC 9106), as they stand in the key file. */
export interface KdfParams {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

/** What a new slot costs. */
export const KDF_COST = { memoryKiB: 65_536, passes: 3, lanes: 1 } as const;

/**
 * What a key file may ask for: not less than we ever wrote, and not so much that a hostile file
 * takes the machine's memory.
 */
export const KDF_BOUNDS = {
  memoryKiB: { min: 65_536, max: 262_144 },
  passes: { min: 3, max: 10 },
  lanes: { min: 1, max: 4 },
} as const;

export const SALT_LENGTH = 16;
export const KEY_LENGTH = 32;

/** Passphrase to 32 bytes. Lends the passphrase for the call; runs off the main thread. */
export type DeriveKey = (passphrase: Uint8Array, params: KdfParams) => Promise<Uint8Array>;
