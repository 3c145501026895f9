// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "The Protocol State Machine": who a session is between.

import type { InstanceTag } from '../bytes.ts';
import type { Dialect } from '../dake/phi.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import type { SessionPolicy } from './policy.ts';

/** Who we are on this device. Shared by all sessions of the account, which only borrow the key. */
export interface OwnIdentity {
  /** Lent, never wiped by a session. */
  readonly longTermKey: LongTermKey;
  /** As published, signed with `longTermKey`. Its owner tag is our instance tag. */
  readonly profile: ValidClientProfile;
}

/** One session is with one device of the peer, known to the transport by its full address. */
export interface SessionParams {
  readonly own: OwnIdentity;
  /** Bare addresses, normalised as the server delivers them; both end up in what is signed. */
  readonly ourJid: string;
  readonly theirJid: string;
  /** When the device announced its tag: our Identity message then names it, and only it may answer. */
  readonly theirTag?: InstanceTag;
  readonly policy?: Partial<SessionPolicy>;
  /** `otr4j` exists for interoperability tests only. */
  readonly dialect?: Dialect;
}
