// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Creating a Prekey Profile", "Validating a Prekey Profile".

import type { InstanceTag } from '../bytes.ts';
import { toWholeSecond } from '../codec/expiration.ts';
import { encodePrekeyProfile, encodePrekeyProfileFields } from '../codec/prekey-profile.ts';
import type { PrekeyProfile } from '../codec/prekey-profile.ts';
import { sign, validatePoint, verify } from '../crypto/ed448.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { renewsAt, validateExpiration } from './client-profile.ts';
import { createLongTermKey, openLongTermKey } from './long-term-key.ts';
import type { LongTermKey, Seed } from './long-term-key.ts';
import { requireOffline } from './offline-owner.ts';
import type { OfflineOwner } from './offline-owner.ts';

/** A profile that is signed by the key it was checked against, in force, and whose key is sound. */
export interface ValidPrekeyProfile {
  readonly ownerTag: InstanceTag;
  /** D */
  readonly sharedPrekey: EcdhPublic;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** All of it, exactly as it arrived. */
  readonly raw: Uint8Array;
}

/** d and D: the pair a Prekey Profile is about. It lives exactly as long as its profile. */
export interface SharedPrekey {
  /** The symmetric key d is made from, 57 bytes: what is stored. */
  readonly seed: Seed;
  readonly public: EcdhPublic;
}

/** Who the profile is of. */
export interface PrekeyProfileOwner extends OfflineOwner {
  readonly longTermKey: LongTermKey;
}

/** A Prekey Profile of our own, and the secret it stands for. */
export interface OwnPrekeyProfile {
  readonly profile: ValidPrekeyProfile;
  readonly sharedPrekey: SharedPrekey;
}

/**
 * Makes a new shared prekey and signs a profile for it, in force for a week from now.
 *
 * @throws {RangeError} when the owner's mode has no offline conversations
 * @see OTRv4 "Creating a Prekey Profile"
 */
export function createPrekeyProfile(owner: PrekeyProfileOwner, env: Env): OwnPrekeyProfile {
  requireOffline(owner);
  const sharedPrekey = createLongTermKey(env);
  const expiresAt = env.nowMs() + LIMITS.ownProfileLifetimeMs;
  return { profile: signPrekeyProfile(owner, sharedPrekey.public, expiresAt), sharedPrekey };
}

/** The pair a stored seed belongs to. Takes ownership of `seed`. */
export function openSharedPrekey(seed: Seed): SharedPrekey {
  return openLongTermKey(seed);
}

/**
 * The profile of a given shared prekey until a given instant.
 * @param expiresAt milliseconds since the epoch
 * @throws {RangeError} when the owner's mode has no offline conversations
 * @see OTRv4 "Create a Prekey Profile Signature"
 */
export function signPrekeyProfile(
  owner: PrekeyProfileOwner,
  sharedPrekey: EcdhPublic,
  expiresAt: number,
): ValidPrekeyProfile {
  requireOffline(owner);
  const { ownerTag, longTermKey } = owner;
  const content = { ownerTag, expiresAt: toWholeSecond(expiresAt), sharedPrekey };
  const fields = encodePrekeyProfileFields(content);
  return { ...content, raw: encodePrekeyProfile(fields, sign(longTermKey.seed, fields)) };
}

/**
 * Our profile, or a new one with a new shared prekey once half of its life is over. The old pair is
 * kept until {@link keptUntil}: messages for it may be under way, and a server may still hand it out.
 *
 * @returns the very same object while it need not be renewed
 * @see OTRv4 "Prekey Profile Expiration and Renewal"
 */
export function renewPrekeyProfile(
  own: OwnPrekeyProfile,
  owner: PrekeyProfileOwner,
  env: Env,
): OwnPrekeyProfile {
  return env.nowMs() < renewsAt(own.profile) ? own : createPrekeyProfile(owner, env);
}

/**
 * Until when a profile of our own, with its secrets, is to be kept and may be used locally: a day
 * longer than it is in force, for messages that are under way.
 *
 * @returns milliseconds since the epoch
 * @see OTRv4 "Prekey Profile"
 */
export function keptUntil(profile: { readonly expiresAt: number }): number {
  return profile.expiresAt + LIMITS.ownProfileGraceMs;
}

/**
 * Decides whether a Prekey Profile may be believed. What is cheap to refuse is refused first.
 *
 * @param publicKey H of the Client Profile that came with it
 * @param ownerTag  owner of that Client Profile
 * @param nowMs     wall clock
 * @throws {OtrError} naming the rule that was broken
 * @see OTRv4 "Validating a Prekey Profile"
 */
export function validatePrekeyProfile(
  profile: PrekeyProfile,
  publicKey: EcdhPublic,
  ownerTag: InstanceTag,
  nowMs: number,
): ValidPrekeyProfile {
  const { expiresAt, raw } = profile;
  if (profile.ownerTag !== ownerTag) throw new OtrError('bad-tag', 'prekey-profile.owner-tag');
  validateExpiration(expiresAt, nowMs, 'prekey-profile.expiration');
  if (!verify(publicKey, profile.signed, profile.signature)) {
    throw new OtrError('bad-signature', 'prekey-profile.signature');
  }
  const sharedPrekey = validatePoint(profile.sharedPrekey, 'prekey-profile.shared-prekey');
  return { ownerTag, sharedPrekey, expiresAt, raw };
}
