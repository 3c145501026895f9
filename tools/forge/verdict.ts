// SPDX-License-Identifier: GPL-3.0-or-later

/** What a transcript looks like to somebody who has nothing but it. */
export interface Verdict {
  /** Whatever does not hold. Empty: all of it verifies. */
  readonly findings: readonly string[];
  /** Signatures that verify: of profiles and of rings. */
  readonly signatures: number;
  /** Data messages whose authenticator verifies under a key that was revealed. */
  readonly authenticated: number;
  /** Who sent what, in what ratchet, how long, revealing how much: all that a form can tell. */
  readonly shape: readonly string[];
}
