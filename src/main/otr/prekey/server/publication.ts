// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Publication Message": what a server checks before it stores anything.

import { equalBytes } from '../../crypto/constant-time.ts';
import type { EcdhPublic } from '../../crypto/ed448.ts';
import { OtrError } from '../../errors.ts';
import { validateClientProfile } from '../../profile/client-profile.ts';
import type { ValidClientProfile } from '../../profile/client-profile.ts';
import { validatePrekeyMessage } from '../../profile/prekey-message.ts';
import type { ValidPrekeyMessage } from '../../profile/prekey-message.ts';
import { validatePrekeyProfile } from '../../profile/prekey-profile.ts';
import type { ValidPrekeyProfile } from '../../profile/prekey-profile.ts';
import { PREKEY_USAGE } from '../kdf.ts';
import { macOfPublication } from '../mac.ts';
import { decodePublication } from '../message/publication.ts';
import type { PublicationMessage } from '../message/publication.ts';
import { isDhProof, isEcdhProof } from '../proofs.ts';
import { derivePrekeyMacKey, deriveProofContext } from '../shared-secret.ts';
import type { PrekeySecret, ProofContext } from '../shared-secret.ts';
import type { PublishCommand, Shelf } from './state.ts';

/**
 * Checks all of a publication; one bad part refuses the whole. The MAC comes first, the proofs last:
 * they need sound keys, and cost the most.
 *
 * @param bytes  the message inside a verified DAKE-3
 * @param shelf  of the device and the key that made the key exchange
 * @param secret SK; lent
 * @param nowMs  wall clock
 * @throws {OtrError} naming the rule that was broken
 */
export function validatePublication(
  bytes: Uint8Array,
  shelf: Shelf,
  secret: PrekeySecret,
  nowMs: number,
): PublishCommand {
  const message = decodePublication(bytes);
  requireMac(message, secret);
  requireContent(message);
  requireDistinctIds(message);
  const clientProfile = validateClient(message, shelf, nowMs);
  const prekeyProfile = validateShared(message, shelf, nowMs);
  const prekeyMessages = message.prekeyMessages.map((prekey) =>
    validatePrekeyMessage(prekey, shelf.ownerTag),
  );
  using context = deriveProofContext(secret);
  requireMessageProofs(message, prekeyMessages, context);
  requireProfileProof(message, prekeyProfile, context);
  return {
    tag: 'publish',
    shelf,
    prekeyMessages: prekeyMessages.map(({ id, raw }) => ({ id, raw })),
    clientProfile: toStored(clientProfile),
    prekeyProfile: toStored(prekeyProfile),
  };
}

function requireMac({ parts, mac }: PublicationMessage, secret: PrekeySecret): void {
  using macKey = derivePrekeyMacKey(secret);
  if (!equalBytes(mac, macOfPublication(macKey, parts))) throw new OtrError('bad-mac', 'mac');
}

/** N = K = J = 0 publishes nothing. */
function requireContent({ parts, clientProfile, prekeyProfile }: PublicationMessage): void {
  const isEmpty = parts.count === 0 && (clientProfile ?? prekeyProfile) === undefined;
  if (isEmpty) throw new OtrError('bad-count', 'n');
}

function requireDistinctIds({ prekeyMessages }: PublicationMessage): void {
  const ids = new Set(prekeyMessages.map(({ id }) => id));
  if (ids.size !== prekeyMessages.length) throw new OtrError('duplicate-field', 'prekey.id');
}

/** Of the key that made the key exchange, not of whoever may have signed one for this tag. */
function validateClient(
  { clientProfile }: PublicationMessage,
  { ownerTag, publicKey }: Shelf,
  nowMs: number,
): ValidClientProfile | undefined {
  if (clientProfile === undefined) return undefined;
  const valid = validateClientProfile(clientProfile, ownerTag, nowMs);
  requireKey(valid.publicKey, publicKey);
  return valid;
}

function requireKey(published: EcdhPublic, proven: EcdhPublic): void {
  if (!equalBytes(published, proven)) throw new OtrError('bad-field', 'profile.public-key');
}

function validateShared(
  { prekeyProfile }: PublicationMessage,
  { ownerTag, publicKey }: Shelf,
  nowMs: number,
): ValidPrekeyProfile | undefined {
  return prekeyProfile === undefined
    ? undefined
    : validatePrekeyProfile(prekeyProfile, publicKey, ownerTag, nowMs);
}

/** @see Prekey Server "Prekey Messages proofs" */
function requireMessageProofs(
  { proofs }: PublicationMessage,
  prekeyMessages: readonly ValidPrekeyMessage[],
  context: ProofContext,
): void {
  if (proofs.messages === undefined) return;
  const { ecdh, dh } = proofs.messages;
  const points = prekeyMessages.map(({ ecdhPublic }) => ecdhPublic);
  if (!isEcdhProof(PREKEY_USAGE.proofMessageEcdh, points, context, ecdh)) {
    throw new OtrError('bad-proof', 'proof.ecdh');
  }
  const keys = prekeyMessages.map(({ dhPublic }) => dhPublic);
  if (!isDhProof(keys, context, dh)) throw new OtrError('bad-proof', 'proof.dh');
}

/** @see Prekey Server "Prekey Profile proof" */
function requireProfileProof(
  { proofs }: PublicationMessage,
  prekeyProfile: ValidPrekeyProfile | undefined,
  context: ProofContext,
): void {
  if (prekeyProfile === undefined) return;
  // Stryker disable next-line ConditionalExpression,CallExpression: by the format a profile comes with its proof
  if (proofs.profile === undefined) throw new OtrError('missing-field', 'proof.profile');
  const points = [prekeyProfile.sharedPrekey];
  if (!isEcdhProof(PREKEY_USAGE.proofSharedEcdh, points, context, proofs.profile)) {
    throw new OtrError('bad-proof', 'proof.profile');
  }
}

function toStored(profile: { readonly raw: Uint8Array; readonly expiresAt: number } | undefined) {
  return profile === undefined ? undefined : { raw: profile.raw, expiresAt: profile.expiresAt };
}
