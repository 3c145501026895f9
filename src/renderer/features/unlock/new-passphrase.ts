// SPDX-License-Identifier: GPL-3.0-or-later

/** Argon2id makes guessing slow; this only keeps out what would be guessed anyway. */
export const MIN_PASSPHRASE_LENGTH = 8;

export type PassphraseFault = 'too-short' | 'different';

/** What is wrong with a passphrase typed twice, if anything. */
export function faultOf(passphrase: string, repeated: string): PassphraseFault | undefined {
  if (Array.from(passphrase).length < MIN_PASSPHRASE_LENGTH) return 'too-short';
  return passphrase === repeated ? undefined : 'different';
}
