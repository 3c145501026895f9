// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Publication Message": making one of ours.

import type { InstanceTag } from '../../bytes.ts';
import { expandSeed } from '../../crypto/ed448.ts';
import type { Env } from '../../env.ts';
import { encodePrekeyPair } from '../../profile/prekey-message.ts';
import type { PrekeyPair } from '../../profile/prekey-message.ts';
import type { OwnPrekeyProfile } from '../../profile/prekey-profile.ts';
import { PREKEY_USAGE } from '../kdf.ts';
import { macOfPublication } from '../mac.ts';
import { encodePublication, toPublicationParts } from '../message/publication.ts';
import type { PublicationProofs } from '../message/publication.ts';
import type { EcdhProof } from '../message/proof.ts';
import { proveDh, proveEcdh } from '../proofs.ts';
import { derivePrekeyMacKey, deriveProofContext } from '../shared-secret.ts';
import type { PrekeySecret, ProofContext } from '../shared-secret.ts';
import type { PublicationContent } from './state.ts';

/**
 * @param ownerTag of our Client Profile, and so of all that is published
 * @param secret   SK of the exchange that carries it; lent
 */
export function createPublication(
  content: PublicationContent,
  ownerTag: InstanceTag,
  secret: PrekeySecret,
  env: Env,
): Uint8Array {
  using context = deriveProofContext(secret);
  using macKey = derivePrekeyMacKey(secret);
  const parts = toPublicationParts({
    prekeyMessages: content.prekeys.map((pair) => encodePrekeyPair(ownerTag, pair)),
    clientProfile: content.clientProfile?.raw,
    prekeyProfile: content.prekeyProfile?.profile.raw,
    proofs: proveContent(content, context, env),
  });
  return encodePublication(parts, macOfPublication(macKey, parts));
}

function proveContent(
  { prekeys, prekeyProfile }: PublicationContent,
  context: ProofContext,
  env: Env,
): PublicationProofs {
  return {
    messages: prekeys.length === 0 ? undefined : proveMessages(prekeys, context, env),
    profile: prekeyProfile === undefined ? undefined : proveProfile(prekeyProfile, context, env),
  };
}

function proveMessages(prekeys: readonly PrekeyPair[], context: ProofContext, env: Env) {
  const [ecdhPairs, dhPairs] = [prekeys.map(({ ecdh }) => ecdh), prekeys.map(({ dh }) => dh)];
  return {
    ecdh: proveEcdh(PREKEY_USAGE.proofMessageEcdh, ecdhPairs, context, env),
    dh: proveDh(dhPairs, context, env),
  };
}

function proveProfile(
  { sharedPrekey }: OwnPrekeyProfile,
  context: ProofContext,
  env: Env,
): EcdhProof {
  using secret = expandSeed(sharedPrekey.seed);
  const pair = { secret, public: sharedPrekey.public };
  return proveEcdh(PREKEY_USAGE.proofSharedEcdh, [pair], context, env);
}
