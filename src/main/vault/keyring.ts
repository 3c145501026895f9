// SPDX-License-Identifier: GPL-3.0-or-later

export type KeyringAnswer =
  /** `sealAgain`: the system changed its key and wants the secret wrapped anew. */
  | { readonly tag: 'opened'; readonly bytes: Uint8Array; readonly sealAgain: boolean }
  /** Locked, starting, asking the user: later it may work. */
  | { readonly tag: 'temporarily-unavailable' }
  | { readonly tag: 'refused' };

/** The system's key store. `shell` implements it over Electron's asynchronous safeStorage. */
export interface Keyring {
  readonly isAvailable: () => Promise<boolean>;
  /** Name of what stands behind it: `gnome_libsecret`, `kwallet6`, `keychain`, `dpapi` … */
  readonly backend: () => string;
  readonly seal: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly open: (sealed: Uint8Array) => Promise<KeyringAnswer>;
}

/** Backends that hide nothing from anybody who can read the profile. */
const WEAK_BACKENDS: ReadonlySet<string> = new Set(['basic_text', 'unknown', '']);

/** Whether it may hold a key at all. Otherwise a passphrase is required. */
export async function isTrustworthy(keyring: Keyring): Promise<boolean> {
  return (await keyring.isAvailable()) && !WEAK_BACKENDS.has(keyring.backend());
}
