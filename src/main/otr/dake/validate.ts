// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive Deniable Authenticated Key Exchange (DAKE)": what a peer's half must be.

import type { InstanceTag } from '../bytes.ts';
import type { AuthRMessage } from '../codec/auth-r.ts';
import type { IdentityMessage } from '../codec/identity.ts';
import type { NonInteractiveAuthMessage } from '../codec/non-interactive-auth.ts';
import type { ReceiverTag } from '../codec/instance-tag.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { validateDhElement } from '../crypto/dh3072.ts';
import type { DhPublic } from '../crypto/dh3072.ts';
import { validatePoint } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { validateClientProfile } from '../profile/client-profile.ts';
import type { Transitional, ValidClientProfile } from '../profile/client-profile.ts';

/** The peer's half of a key exchange: each key is of its group, the profile signed and in date. */
export interface ValidOffer {
  readonly senderTag: InstanceTag;
  readonly receiverTag: ReceiverTag;
  readonly profile: ValidClientProfile;
  readonly ecdhPublic: EcdhPublic;
  readonly dhPublic: DhPublic;
  readonly firstEcdh: EcdhPublic;
  readonly firstDh: DhPublic;
}

/**
 * Checks an Identity message, or all of an Auth-R or Non-Interactive-Auth message but its proofs.
 *
 * Beyond the specification, a key may not serve twice in one message. The cheap checks come first.
 *
 * @param env          for the date
 * @param transitional what is done about a signature by a key of version 3
 * @throws {OtrError} on the first check that fails
 * @see OTRv4 "Identity Message", "Auth-R Message", "Non-Interactive-Auth Message"
 */
export function validateOffer(
  message: IdentityMessage | AuthRMessage | NonInteractiveAuthMessage,
  env: Env,
  transitional: Transitional = 'pass-over',
): ValidOffer {
  if (equalBytes(message.ecdhPublic, message.firstEcdhPublic)) {
    throw new OtrError('bad-point', 'first-ecdh');
  }
  if (message.dhPublic === message.firstDhPublic) throw new OtrError('bad-dh-element', 'first-dh');
  const dhPublic = validateDhElement(message.dhPublic, 'dh');
  const firstDh = validateDhElement(message.firstDhPublic, 'first-dh');
  const { senderTag } = message;
  const profile = validateClientProfile(message.profile, senderTag, env.nowMs(), transitional);
  return {
    senderTag,
    receiverTag: message.receiverTag,
    profile,
    ecdhPublic: validatePoint(message.ecdhPublic, 'ecdh'),
    dhPublic,
    firstEcdh: validatePoint(message.firstEcdhPublic, 'first-ecdh'),
    firstDh,
  };
}
