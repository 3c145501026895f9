// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Auth-R Message": the second message of the interactive DAKE, on the wire.

import type { InstanceTag } from '../bytes.ts';
import { DH_LENGTH } from '../crypto/dh3072.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { RING_SIGNATURE_LENGTH } from '../crypto/ring-signature.ts';
import { readClientProfile } from './client-profile.ts';
import type { ClientProfile } from './client-profile.ts';
import { MESSAGE_TYPE, readAddressedHeader, writeHeader } from './header.ts';
import { Reader } from './reader.ts';

/** An Auth-R message as it arrived: well-formed, nothing in it verified yet. */
export interface AuthRMessage {
  readonly senderTag: InstanceTag;
  readonly receiverTag: InstanceTag;
  readonly profile: ClientProfile;
  /** X, 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
  /** A, not yet checked to be in the group. */
  readonly dhPublic: bigint;
  /** 342 bytes. */
  readonly sigma: Uint8Array;
  /** Keys of the sender's first ratchet: 57 bytes, and an MPI. */
  readonly firstEcdhPublic: Uint8Array;
  readonly firstDhPublic: bigint;
}

/**
 *     0x0004 | 0x36 | sender INT | receiver INT | CLIENT-PROF | X POINT | A MPI | sigma RING-SIG
 *     | first ECDH POINT | first DH MPI
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "Auth-R Message"
 */
export function decodeAuthR(bytes: Uint8Array): AuthRMessage {
  const read = new Reader(bytes);
  const header = readAddressedHeader(read, MESSAGE_TYPE.authR);
  const profile = readClientProfile(read);
  const ecdhPublic = read.fixed(POINT_LENGTH, 'x');
  const dhPublic = read.mpi(DH_LENGTH, 'a');
  const sigma = read.fixed(RING_SIGNATURE_LENGTH, 'sigma');
  const firstEcdhPublic = read.fixed(POINT_LENGTH, 'first-ecdh');
  const firstDhPublic = read.mpi(DH_LENGTH, 'first-dh');
  read.end('auth-r');
  return { ...header, profile, ecdhPublic, dhPublic, sigma, firstEcdhPublic, firstDhPublic };
}

/** What {@link encodeAuthR} needs: of the profile, only its bytes. */
export type AuthRContent = Omit<AuthRMessage, 'profile'> & {
  readonly profile: Pick<ClientProfile, 'raw'>;
};

/** @see OTRv4 "Auth-R Message" */
export function encodeAuthR(message: AuthRContent): Uint8Array {
  const { senderTag, receiverTag } = message;
  return writeHeader({ type: MESSAGE_TYPE.authR, senderTag, receiverTag })
    .bytes(message.profile.raw)
    .bytes(message.ecdhPublic)
    .mpi(message.dhPublic)
    .bytes(message.sigma)
    .bytes(message.firstEcdhPublic)
    .mpi(message.firstDhPublic)
    .finish();
}
