// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "KCI Attacks": posing as anyone before the device whose forging key one has.

import { equalBytes } from '../crypto/constant-time.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import type { LongTermKey } from '../profile/long-term-key.ts';
import type { OwnIdentity } from '../session/params.ts';

/**
 * "Impersonate Initiator or Responder": makes the owner of a forging key look, to the device that
 * the key belongs to, like anyone whose profile is public. Whoever took that device, or reads along
 * on it, then talks with somebody who may be anyone, and learns nothing that could be proven.
 *
 * The rings are {F_b, H_a, Y} and {H_b, F_a, X}: in either role it is the *other* side's forging key
 * that fits. Its long-term key, which the specification names here, no longer does, so that a thief
 * of that key alone cannot pose as others to its owner.
 *
 * @param as       whose profile is shown
 * @param to       the device that is talked to
 * @param withKey  the forging key of `to`
 * @returns what {@link createSession} takes for `own`
 * @throws {RangeError} when the key is not the forging key of `to`
 * @see OTRv4 "Forging Transcripts", "KCI Attacks"
 */
export function impersonate(
  as: ValidClientProfile,
  to: ValidClientProfile,
  withKey: LongTermKey,
): OwnIdentity {
  if (!equalBytes(withKey.public, to.forgingKey)) throw new RangeError('not their forging key');
  return { longTermKey: withKey, profile: as };
}
