// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnIdentity } from '#otr';
import type { InstanceTag } from '#otr/bytes.ts';
import { type EcdhPublic, SEED_LENGTH, validatePoint } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { OtrError } from '#otr/errors.ts';
import {
  createClientProfile,
  type ProfileOwner,
  renewClientProfile,
  validatePublishedProfile,
  type ValidClientProfile,
} from '#otr/profile/client-profile.ts';
import {
  createForgingKeyAndForget,
  createLongTermKey,
  openLongTermKey,
} from '#otr/profile/long-term-key.ts';
import type { AccountId, IdentityRow } from '#main/store/rows.ts';

/** Our keys on this device, with what is needed to renew the profile they sign. */
export interface OwnKeyRing {
  readonly identity: OwnIdentity;
  readonly forgingPublic: EcdhPublic;
}

export interface MadeKeys {
  readonly ring: OwnKeyRing;
  /** Only when it is to be exported; whoever gets it wipes it. */
  readonly forgingSeed: Uint8Array | undefined;
}

/** The deniability key is destroyed at birth unless the user wants to keep it (ux 2.5.12). */
export function makeKeys(env: Env, ownerTag: InstanceTag, keepForgingKey: boolean): MadeKeys {
  const longTermKey = createLongTermKey(env);
  const { forgingPublic, forgingSeed } = makeForgingKey(env, keepForgingKey);
  const profile = createClientProfile({ ownerTag, longTermKey, forgingKey: forgingPublic }, env);
  return { ring: { identity: { longTermKey, profile }, forgingPublic }, forgingSeed };
}

function makeForgingKey(
  env: Env,
  keep: boolean,
): { readonly forgingPublic: EcdhPublic; readonly forgingSeed: Uint8Array | undefined } {
  if (!keep) return { forgingPublic: createForgingKeyAndForget(env), forgingSeed: undefined };
  const key = createLongTermKey(env);
  const forgingSeed = key.seed.lend((bytes) => bytes.slice());
  key.seed.wipe();
  return { forgingPublic: key.public, forgingSeed };
}

/** What is stored. The seed in it is a copy: wipe it after the transaction. */
export function toIdentityRow(
  accountId: AccountId,
  { identity, forgingPublic }: OwnKeyRing,
): IdentityRow {
  return {
    accountId,
    longTermSeed: identity.longTermKey.seed.lend((bytes) => bytes.slice()),
    forgingPublic,
    forgingSeed: undefined,
    clientProfile: identity.profile.raw,
    clientProfileExpiresAt: identity.profile.expiresAt,
  };
}

/** Takes over the seed of `row`. A profile that is no longer in force is replaced by a new one. */
export function openKeys(env: Env, ownerTag: InstanceTag, row: IdentityRow): OwnKeyRing {
  const longTermKey = openLongTermKey(Secret.own(row.longTermSeed, SEED_LENGTH));
  const forgingPublic = validatePoint(row.forgingPublic, 'own.forging-key');
  const owner: ProfileOwner = { ownerTag, longTermKey, forgingKey: forgingPublic };
  const profile = openProfile(env, owner, row.clientProfile);
  return { identity: { longTermKey, profile }, forgingPublic };
}

function openProfile(env: Env, owner: ProfileOwner, bytes: Uint8Array): ValidClientProfile {
  try {
    return renewClientProfile(
      validatePublishedProfile(bytes, owner.ownerTag, env.nowMs()),
      owner,
      env,
    );
  } catch (cause) {
    if (cause instanceof OtrError) return createClientProfile(owner, env);
    throw cause;
  }
}

/** The same keys under a profile that has at least half of its life before it. */
export function renewKeys(env: Env, ring: OwnKeyRing): OwnKeyRing {
  const { identity, forgingPublic } = ring;
  const { longTermKey, profile } = identity;
  const owner: ProfileOwner = {
    ownerTag: profile.ownerTag,
    longTermKey,
    forgingKey: forgingPublic,
  };
  const renewed = renewClientProfile(profile, owner, env);
  return renewed === profile
    ? ring
    : { identity: { longTermKey, profile: renewed }, forgingPublic };
}
