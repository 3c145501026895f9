// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Rotating ECDH Keys and Brace Key as receiver": secrets on probation.

import type { Secret } from '../crypto/secret.ts';

/**
 * Secrets made before it is known whether the message that asked for them is genuine. Unless
 * `commit` is called they are wiped with the block, so that a forgery leaves nothing behind.
 */
export class Provisional implements Disposable {
  #secrets: Secret[] = [];

  hold<S extends Secret>(secret: S): S {
    this.#secrets.push(secret);
    return secret;
  }

  /** The new state owns them now. */
  commit(): void {
    this.#secrets = [];
  }

  [Symbol.dispose](): void {
    for (const secret of this.#secrets) secret.wipe();
    this.#secrets = [];
  }
}
