// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Prekey Message": making the one-time keys, keeping their secrets, checking a peer's.

import type { InstanceTag } from '../bytes.ts';
import { decodePrekeyMessage, encodePrekeyMessage } from '../codec/prekey-message.ts';
import type { PrekeyMessage } from '../codec/prekey-message.ts';
import { generateDh, validateDhElement } from '../crypto/dh3072.ts';
import type { DhKeyPair, DhPublic } from '../crypto/dh3072.ts';
import { generateEcdh, validatePoint } from '../crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import { drawInt } from '../crypto/integer.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';
import { requireOffline } from './offline-owner.ts';
import type { OfflineOwner } from './offline-owner.ts';

/** The secrets of one Prekey message of ours. Used once, then gone. */
export interface PrekeyPair {
  readonly id: number;
  /** y and Y. */
  readonly ecdh: EcdhKeyPair;
  /** b and B. */
  readonly dh: DhKeyPair;
}

/** A Prekey message of our own: what is kept and what is published. */
export interface OwnPrekeyMessage {
  readonly pair: PrekeyPair;
  readonly raw: Uint8Array;
}

/** A Prekey message whose keys are of their groups. */
export interface ValidPrekeyMessage {
  readonly id: number;
  readonly ownerTag: InstanceTag;
  /** Y */
  readonly ecdhPublic: EcdhPublic;
  /** B */
  readonly dhPublic: DhPublic;
  /** All of it, exactly as it arrived. */
  readonly raw: Uint8Array;
}

const NO_IDS: ReadonlySet<number> = new Set();

/**
 * Makes one pair of one-time keys under an id of its own.
 *
 * @param taken ids of the pairs that are kept already
 * @throws {RangeError} when the owner's mode has no offline conversations
 * @see OTRv4 "Prekey Message"
 */
export function createPrekeyMessage(
  owner: OfflineOwner,
  env: Env,
  taken: ReadonlySet<number> = NO_IDS,
): OwnPrekeyMessage {
  requireOffline(owner);
  const pair = { id: drawId(env, taken), ecdh: generateEcdh(env), dh: generateDh(env) };
  return { pair, raw: encodePrekeyPair(owner.ownerTag, pair) };
}

function drawId(env: Env, taken: ReadonlySet<number>): number {
  for (;;) {
    const id = drawInt(env);
    if (!taken.has(id)) return id;
  }
}

/** A pair of ours as it is published: what {@link createPrekeyMessage} made of it. */
export function encodePrekeyPair(ownerTag: InstanceTag, { id, ecdh, dh }: PrekeyPair): Uint8Array {
  return encodePrekeyMessage({ id, ownerTag, ecdhPublic: ecdh.public, dhPublic: dh.public });
}

/**
 * The pair a stored Prekey message of ours belongs to.
 *
 * @param raw     as it was published
 * @param secrets y (57 bytes) and b (80 bytes), as stored; taken over
 * @throws {OtrError} when `raw` is not a sound Prekey message
 */
export function openPrekeyPair(
  raw: Uint8Array,
  secrets: { readonly ecdh: EcdhKeyPair['secret']; readonly dh: DhKeyPair['secret'] },
): PrekeyPair {
  const message = decodePrekeyMessage(raw);
  const { id, ecdhPublic, dhPublic } = validatePrekeyMessage(message, message.ownerTag);
  return {
    id,
    ecdh: { secret: secrets.ecdh, public: ecdhPublic },
    dh: { secret: secrets.dh, public: dhPublic },
  };
}

/** y and b. */
export function prekeySecrets({ ecdh, dh }: PrekeyPair) {
  return [ecdh.secret, dh.secret] as const;
}

/**
 * @param ownerTag of the profiles that came with it
 * @throws {OtrError} naming the rule that was broken
 * @see OTRv4 "Prekey Message"
 */
export function validatePrekeyMessage(
  message: PrekeyMessage,
  ownerTag: InstanceTag,
): ValidPrekeyMessage {
  if (message.ownerTag !== ownerTag) throw new OtrError('bad-tag', 'prekey.owner-tag');
  const { id, raw } = message;
  const dhPublic = validateDhElement(message.dhPublic, 'prekey.b');
  const ecdhPublic = validatePoint(message.ecdhPublic, 'prekey.y');
  return { id, ownerTag, ecdhPublic, dhPublic, raw };
}
