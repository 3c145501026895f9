// SPDX-License-Identifier: GPL-3.0-or-later

/** A long-term key's fingerprint as people compare it. */
export interface SecurityCode {
  /** 112 upper-case hexadecimal digits, no spaces. */
  readonly hex: string;
  /** Twelve words of the public BIP-39 English list: the first 132 bits. */
  readonly words: readonly string[];
}
