// SPDX-License-Identifier: GPL-3.0-or-later

import type { InstanceTag } from '../bytes.ts';
import type { Secret } from '../crypto/secret.ts';
import type { SessionPolicy } from './policy.ts';

/** Who we are on this device. Shared by all sessions of the account, which only borrow the key. */
export interface OwnIdentity {
  readonly instanceTag: InstanceTag;
  /** `sym_h`: the 57 random bytes of the long-term key. Lent, never wiped by a session. */
  readonly longTermKey: Secret<57>;
  /** Our Client Profile as published: signed with `longTermKey`, not expired. */
  readonly profile: Uint8Array;
}

/** One session is with one device of the peer, known to the transport by its full address. */
export interface SessionParams {
  readonly own: OwnIdentity;
  /** Bare addresses, normalised as the server delivers them; both end up in what is signed. */
  readonly ourJid: string;
  readonly theirJid: string;
  /** When the device announced its tag: nothing with another sender tag is looked at. */
  readonly theirTag?: InstanceTag;
  readonly policy?: Partial<SessionPolicy>;
  /** `otr4j` exists for interoperability tests only. */
  readonly dialect?: 'spec' | 'otr4j';
}
