// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive Deniable Authenticated Key Exchange (DAKE)": Bob and Alice.

import type { InstanceTag } from '../bytes.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { DhKeyPair, DhPublic } from '../crypto/dh3072.ts';
import type { EcdhKeyPair, EcdhPublic } from '../crypto/ed448.ts';
import type { Ring } from '../crypto/ring-signature.ts';
import type { ValidClientProfile } from '../profile/client-profile.ts';
import { encodePhi } from './phi.ts';
import type { PhiParty } from './phi.ts';
import type { DakeContext, DakeIdentity, Ephemerals } from './state.ts';
import type { Transcript, TranscriptParty } from './transcript.ts';
import type { ValidOffer } from './validate.ts';

/** The public keys one end contributes, whichever end it is. */
export interface Side extends TranscriptParty {
  readonly tag: InstanceTag;
  readonly firstEcdh: EcdhPublic;
  readonly firstDh: DhPublic;
  readonly isOurs: boolean;
}

export interface OwnPublics {
  readonly ecdhPublic: EcdhPublic;
  readonly dhPublic: DhPublic;
  readonly firstEcdh: Pick<EcdhKeyPair, 'public'>;
  readonly firstDh: Pick<DhKeyPair, 'public'>;
}

export function toPublics({ ecdh, dh, firstEcdh, firstDh }: Ephemerals): OwnPublics {
  return { ecdhPublic: ecdh.public, dhPublic: dh.public, firstEcdh, firstDh };
}

export function toSide({ profile }: DakeIdentity, ours: OwnPublics): Side {
  return {
    tag: profile.ownerTag,
    profile: profile.raw,
    ecdhPublic: ours.ecdhPublic,
    dhPublic: ours.dhPublic,
    firstEcdh: ours.firstEcdh.public,
    firstDh: ours.firstDh.public,
    isOurs: true,
  };
}

export function toOfferSide(theirs: ValidOffer): Side {
  const { ecdhPublic, dhPublic, firstEcdh, firstDh } = theirs;
  return {
    tag: theirs.senderTag,
    profile: theirs.profile.raw,
    ecdhPublic,
    dhPublic,
    firstEcdh,
    firstDh,
    isOurs: false,
  };
}

/** @param sender of the message that is signed: phi names its keys first */
export function toTranscript(
  bob: Side,
  alice: Side,
  sender: 'bob' | 'alice',
  { ourJid, theirJid, dialect }: DakeContext,
): Transcript {
  const parties = { bob: toParty(bob), alice: toParty(alice) };
  const receiver = sender === 'bob' ? 'alice' : 'bob';
  return { bob, alice, phi: encodePhi(parties[sender], parties[receiver], dialect) };

  function toParty({ tag, firstEcdh, firstDh, isOurs }: Side): PhiParty {
    return { tag, firstEcdh, firstDh, jid: isOurs ? ourJid : theirJid };
  }
}

/** {F_b, H_a, Y} */
export function authRRing(bob: RingKeys, alice: RingKeys, y: EcdhPublic): Ring {
  return [bob.forgingKey, alice.publicKey, y];
}

/** {H_b, F_a, X} */
export function authIRing(bob: RingKeys, alice: RingKeys, x: EcdhPublic): Ring {
  return [bob.publicKey, alice.forgingKey, x];
}

/**
 * Whether a peer put our long-term key where its forging key or its ephemeral belongs. In the ring we
 * would sign, our key would then stand twice, and nobody could tell which of the two had signed.
 */
export function holdsKeyOf(
  { profile, ecdhPublic }: Pick<ValidOffer, 'profile' | 'ecdhPublic'>,
  own: DakeIdentity,
): boolean {
  return [profile.forgingKey, ecdhPublic].some((key) => equalBytes(key, own.profile.publicKey));
}

type RingKeys = Pick<ValidClientProfile, 'publicKey' | 'forgingKey'>;
