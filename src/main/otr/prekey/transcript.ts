// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange": what DAKE-2 and DAKE-3 sign, and among whom.

import { concat } from '../bytes.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import type { RingStatement, RingUse } from '../crypto/ring-signature.ts';
import { OtrError } from '../errors.ts';
import { PREKEY_USAGE, prekeyKdf, prekeyUse } from './kdf.ts';
import { encodePrekeyPhi } from './phi.ts';
import type { PrekeyEnds } from './phi.ts';

const HASH_LENGTH = 64;

/** Everything both ends of one exchange must agree on. */
export interface PrekeyTranscript {
  readonly ends: PrekeyEnds;
  /** The publisher's Client Profile exactly as it travelled. */
  readonly profile: Uint8Array;
  /** The server's composite identity exactly as it travelled. */
  readonly compositeIdentity: Uint8Array;
  /** H_a and H_s. */
  readonly publisherKey: EcdhPublic;
  readonly serverKey: EcdhPublic;
  /** I and S. */
  readonly publisherEcdh: EcdhPublic;
  readonly serverEcdh: EcdhPublic;
}

/** RSig of this protocol: its own domain and usage, and one spelling of each scalar. */
export const PREKEY_RING: RingUse = {
  hash: prekeyUse(PREKEY_USAGE.auth),
  scalars: 'canonical',
};

const DAKE_2 = {
  tag: 0x00,
  profile: PREKEY_USAGE.initiatorClientProfile,
  identity: PREKEY_USAGE.initiatorCompositeIdentity,
  phi: PREKEY_USAGE.initiatorPhi,
} as const;

const DAKE_3 = {
  tag: 0x01,
  profile: PREKEY_USAGE.receiverClientProfile,
  identity: PREKEY_USAGE.receiverCompositeIdentity,
  phi: PREKEY_USAGE.receiverPhi,
} as const;

/** What sigma of DAKE-2 is about: t, in the ring {H_a, H_s, I}. @see Prekey Server "DAKE-2 Message" */
export function dake2Statement(transcript: PrekeyTranscript): RingStatement {
  const { publisherKey, serverKey, publisherEcdh } = transcript;
  const message = encodeTranscript(DAKE_2, transcript);
  return { ring: [publisherKey, serverKey, publisherEcdh], message };
}

/** What sigma of DAKE-3 is about: t, in the ring {H_a, H_s, S}. @see Prekey Server "DAKE-3 Message" */
export function dake3Statement(transcript: PrekeyTranscript): RingStatement {
  const { publisherKey, serverKey, serverEcdh } = transcript;
  const message = encodeTranscript(DAKE_3, transcript);
  return { ring: [publisherKey, serverKey, serverEcdh], message };
}

/**
 * A ring of equal members would tell who signed.
 * @throws {OtrError} `equal-keys`
 */
export function requireDistinct(keys: readonly Uint8Array[], field: string): void {
  const repeated = keys.some((key, k) => keys.slice(k + 1).some((other) => equalBytes(key, other)));
  if (repeated) throw new OtrError('equal-keys', field);
}

/** tag BYTE | KDF(profile) 64 | KDF(composite identity) 64 | I POINT | S POINT | KDF(phi) 64 */
function encodeTranscript(
  usage: typeof DAKE_2 | typeof DAKE_3,
  transcript: PrekeyTranscript,
): Uint8Array {
  return concat(
    Uint8Array.of(usage.tag),
    prekeyKdf(usage.profile, [transcript.profile], HASH_LENGTH),
    prekeyKdf(usage.identity, [transcript.compositeIdentity], HASH_LENGTH),
    transcript.publisherEcdh,
    transcript.serverEcdh,
    prekeyKdf(usage.phi, [encodePrekeyPhi(transcript.ends)], HASH_LENGTH),
  );
}
