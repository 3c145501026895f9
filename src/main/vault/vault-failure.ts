// SPDX-License-Identifier: GPL-3.0-or-later

/** Why the vault did not give its key. The key file is as it was. */
export type VaultFailure =
  /** There is no key file. */
  | { readonly reason: 'missing' }
  /** There is one already; nothing is overwritten. */
  | { readonly reason: 'exists' }
  /** The key file is no key file, or was changed. */
  | { readonly reason: 'damaged' }
  /** Written by a later version of the program. */
  | { readonly reason: 'newer' }
  | { readonly reason: 'passphrase-needed' }
  /** Wrong, or the slot was changed: cryptography cannot tell the two apart. */
  | { readonly reason: 'passphrase-wrong'; readonly retryAt: number | undefined }
  /** Too many wrong ones; not looked at before `retryAt`. */
  | { readonly reason: 'wait'; readonly retryAt: number }
  /** Missing, weak, or temporarily locked. */
  | { readonly reason: 'keyring-unavailable' }
  /** It is there and does not open what it sealed. */
  | { readonly reason: 'keyring-refused' }
  /** The key was sealed by another key store than the one that runs now. */
  | { readonly reason: 'backend-changed'; readonly was: string; readonly is: string }
  /** The disk said no. */
  | { readonly reason: 'not-writable' };
