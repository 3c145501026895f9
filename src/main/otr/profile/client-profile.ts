// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Creating a Client Profile", "Validating a Client Profile".

import type { Fingerprint, InstanceTag } from '../bytes.ts';
import {
  decodeClientProfile,
  encodeClientProfile,
  encodeProfileFields,
} from '../codec/client-profile.ts';
import type { ClientProfile } from '../codec/client-profile.ts';
import { toWholeSecond } from '../codec/expiration.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { verifyDsa } from '../crypto/dsa.ts';
import { sign, validatePoint, verify } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { permitsClear } from '../mode.ts';
import type { Mode } from '../mode.ts';
import { deriveFingerprint } from './fingerprint.ts';
import type { LongTermKey } from './long-term-key.ts';

const OWN_VERSIONS = '4';

/** A profile that is signed by its own key, in force, and whose keys are sound. */
export interface ValidClientProfile {
  readonly ownerTag: InstanceTag;
  /** H */
  readonly publicKey: EcdhPublic;
  /** F */
  readonly forgingKey: EcdhPublic;
  readonly fingerprint: Fingerprint;
  readonly versions: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** All of it, exactly as it arrived: what the DAKE hashes and sends. */
  readonly raw: Uint8Array;
}

/** What is done about a transitional signature beside a DSA key: only one mode may look at it. */
export type Transitional = 'verify' | 'pass-over';

export function transitionalIn(mode: Mode): Transitional {
  return permitsClear(mode) ? 'verify' : 'pass-over';
}

/** Who the profile is of. */
export interface ProfileOwner {
  readonly ownerTag: InstanceTag;
  readonly longTermKey: LongTermKey;
  readonly forgingKey: EcdhPublic;
}

/**
 * Makes and signs our profile for version 4, in force for a week from now.
 *
 * @throws {RangeError} when long-term key and forging key are the same: a ring of equal members
 *                      would tell who signed
 * @see OTRv4 "Creating a Client Profile"
 */
export function createClientProfile(owner: ProfileOwner, env: Env): ValidClientProfile {
  return signClientProfile(owner, env.nowMs() + LIMITS.ownProfileLifetimeMs);
}

/** {@link createClientProfile} with an expiration of its own. @param expiresAt ms since the epoch */
export function signClientProfile(owner: ProfileOwner, expiresAt: number): ValidClientProfile {
  const { ownerTag, longTermKey, forgingKey } = owner;
  const publicKey = longTermKey.public;
  if (equalBytes(publicKey, forgingKey)) throw new RangeError('forging key is the long-term key');
  const wholeSeconds = toWholeSecond(expiresAt);
  const content = { ownerTag, publicKey, forgingKey, versions: OWN_VERSIONS };
  const fields = encodeProfileFields({ ...content, expiresAt: wholeSeconds });
  return {
    ...content,
    publicKey,
    forgingKey,
    fingerprint: deriveFingerprint(publicKey, forgingKey),
    expiresAt: wholeSeconds,
    raw: encodeClientProfile(fields, sign(longTermKey.seed, fields)),
  };
}

/** From when on our profile is to be replaced by a new one: half of its life is over. */
export function renewsAt(profile: Pick<ValidClientProfile, 'expiresAt'>): number {
  return profile.expiresAt - LIMITS.ownProfileLifetimeMs / 2;
}

/**
 * Our profile, or a new one under the same keys once half of its life is over.
 * @returns the very same object while it need not be renewed
 * @see OTRv4 "Client Profile Expiration and Renewal"
 */
export function renewClientProfile(
  profile: ValidClientProfile,
  owner: ProfileOwner,
  env: Env,
): ValidClientProfile {
  return env.nowMs() < renewsAt(profile) ? profile : createClientProfile(owner, env);
}

/**
 * Decides whether a profile may be believed. The order is that of the cost: what is cheap to refuse
 * is refused before anything is computed. A transitional signature proves nothing (OTRv3 signs
 * without hashing), but a wrong one is a reason to refuse, where it is looked at.
 *
 * @param senderTag    of the message that carried it
 * @param nowMs        wall clock
 * @param transitional `verify` in the mode that knows version 3, and in no other
 * @throws {OtrError} naming the rule that was broken
 * @see OTRv4 "Validating a Client Profile"
 */
export function validateClientProfile(
  profile: ClientProfile,
  senderTag: InstanceTag,
  nowMs: number,
  transitional: Transitional = 'pass-over',
): ValidClientProfile {
  if (profile.ownerTag !== senderTag) throw new OtrError('bad-tag', 'profile.owner-tag');
  validateExpiration(profile.expiresAt, nowMs, 'profile.expiration');
  validateVersions(profile.versions);
  if (profile.dsaKey !== undefined && profile.transitionalSignature === undefined) {
    throw new OtrError('missing-field', 'profile.transitional-signature');
  }
  if (equalBytes(profile.publicKey, profile.forgingKey)) {
    throw new OtrError('equal-keys', 'profile.forging-key');
  }
  const publicKey = validatePoint(profile.publicKey, 'profile.public-key');
  if (!verify(publicKey, profile.signed, profile.signature)) {
    throw new OtrError('bad-signature', 'profile.signature');
  }
  const forgingKey = validatePoint(profile.forgingKey, 'profile.forging-key');
  if (transitional === 'verify') validateTransitional(profile);
  const { ownerTag, versions, expiresAt, raw } = profile;
  const fingerprint = deriveFingerprint(publicKey, forgingKey);
  return { ownerTag, publicKey, forgingKey, fingerprint, versions, expiresAt, raw };
}

/** {@link decodeClientProfile}, then {@link validateClientProfile}: a profile that was published. */
export function validatePublishedProfile(
  bytes: Uint8Array,
  ownerTag: InstanceTag,
  nowMs: number,
  transitional: Transitional = 'pass-over',
): ValidClientProfile {
  return validateClientProfile(decodeClientProfile(bytes), ownerTag, nowMs, transitional);
}

/** A signature without its key cannot be looked at, and is none the worse for that. */
function validateTransitional({ dsaKey, transitionalSignature, vouchedFor }: ClientProfile): void {
  if (dsaKey === undefined) return;
  // Stryker disable next-line ConditionalExpression: a key without a signature was refused by then
  if (transitionalSignature === undefined) return;
  if (!verifyDsa(dsaKey, vouchedFor, transitionalSignature)) {
    throw new OtrError('bad-signature', 'profile.transitional-signature');
  }
}

/**
 * Of a profile of either kind: in force, and not for longer than anybody would ask for.
 * @throws {OtrError} `expired`, `too-large`
 */
export function validateExpiration(expiresAt: number, nowMs: number, field: string): void {
  if (expiresAt <= nowMs) throw new OtrError('expired', field);
  if (expiresAt - nowMs > LIMITS.profileLifetimeMs) throw new OtrError('too-large', field);
}

/** Unknown versions are passed over; 1 and 2 are forbidden. */
function validateVersions(versions: string): void {
  const allowed = !versions.includes('1') && !versions.includes('2');
  if (!allowed || !versions.includes('4')) throw new OtrError('bad-versions', 'profile.versions');
}
