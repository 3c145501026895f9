// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Interactive Deniable Authenticated Key Exchange (DAKE)": t, what is signed.

import { concat, encodeData } from '../bytes.ts';
import { encodeMpi } from '../codec/writer.ts';
import type { DhPublic } from '../crypto/dh3072.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';
import { kdf, USAGE } from '../crypto/kdf.ts';
import type { Dialect } from './phi.ts';

const HASH_LENGTH = 64;

/** What one end contributes to what is signed. Bob sent the Identity message, Alice the Auth-R. */
export interface TranscriptParty {
  /** The Client Profile exactly as it travelled. */
  readonly profile: Uint8Array;
  readonly ecdhPublic: EcdhPublic;
  readonly dhPublic: DhPublic;
}

export interface Transcript {
  readonly bob: TranscriptParty;
  readonly alice: TranscriptParty;
  readonly phi: Uint8Array;
}

const AUTH_R = {
  tag: 0x00,
  bob: USAGE.authRBobClientProfile,
  alice: USAGE.authRAliceClientProfile,
  phi: USAGE.authRPhi,
} as const;

const AUTH_I = {
  tag: 0x01,
  bob: USAGE.authIBobClientProfile,
  alice: USAGE.authIAliceClientProfile,
  phi: USAGE.authIPhi,
} as const;

/** `t` of the Auth-R message. @see OTRv4 "Auth-R Message" */
export function authRTranscript(transcript: Transcript): Uint8Array {
  return encodeTranscript(AUTH_R, transcript);
}

/** `t` of the Auth-I message. @see OTRv4 "Auth-I Message" */
export function authITranscript(transcript: Transcript): Uint8Array {
  return encodeTranscript(AUTH_I, transcript);
}

/**
 *     tag BYTE | HWC(Bob's profile) 64 | HWC(Alice's profile) 64 | Y POINT | X POINT | B MPI | A MPI
 *     | HWC(phi) 64
 */
function encodeTranscript(
  usage: typeof AUTH_R | typeof AUTH_I,
  { bob, alice, phi }: Transcript,
): Uint8Array {
  return concat(
    Uint8Array.of(usage.tag),
    kdf(usage.bob, [bob.profile], HASH_LENGTH),
    kdf(usage.alice, [alice.profile], HASH_LENGTH),
    bob.ecdhPublic,
    alice.ecdhPublic,
    encodeMpi(bob.dhPublic),
    encodeMpi(alice.dhPublic),
    kdf(usage.phi, [phi], HASH_LENGTH),
  );
}

/**
 * `t` of the Non-Interactive-Auth message. Bob published the prekeys, Alice sends the message.
 *
 *     HWC(Bob's profile) 64 | HWC(Alice's profile) 64 | Y POINT | X POINT | B MPI | A MPI | D_b POINT
 *     | HWC(phi) 64
 *
 * @param sharedPrekey D_b
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function nonInteractiveTranscript(
  { bob, alice, phi }: Transcript,
  sharedPrekey: EcdhPublic,
): Uint8Array {
  return concat(
    kdf(USAGE.nonIntAuthBobClientProfile, [bob.profile], HASH_LENGTH),
    kdf(USAGE.nonIntAuthAliceClientProfile, [alice.profile], HASH_LENGTH),
    bob.ecdhPublic,
    alice.ecdhPublic,
    encodeMpi(bob.dhPublic),
    encodeMpi(alice.dhPublic),
    sharedPrekey,
    kdf(USAGE.nonIntAuthPhi, [phi], HASH_LENGTH),
  );
}

/** The message a ring signature is made over: `t` itself, without a length in front. */
export function toSignedMessage(t: Uint8Array, dialect: Dialect): Uint8Array {
  return dialect === 'spec' ? t : encodeData(t);
}
