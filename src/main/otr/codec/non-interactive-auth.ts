// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Non-Interactive-Auth Message": the one message of the non-interactive DAKE, on the wire.

import type { InstanceTag } from '../bytes.ts';
import { DH_LENGTH } from '../crypto/dh3072.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { RING_SIGNATURE_LENGTH } from '../crypto/ring-signature.ts';
import { readClientProfile } from './client-profile.ts';
import type { ClientProfile } from './client-profile.ts';
import { MAC_LENGTH } from './data-message.ts';
import { MESSAGE_TYPE, readAddressedHeader, writeHeader } from './header.ts';
import { Reader } from './reader.ts';

/** A Non-Interactive-Auth message as it arrived: well-formed, nothing in it verified yet. */
export interface NonInteractiveAuthMessage {
  readonly senderTag: InstanceTag;
  readonly receiverTag: InstanceTag;
  readonly profile: ClientProfile;
  /** X, 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
  /** A, not yet checked to be in the group. */
  readonly dhPublic: bigint;
  /** 342 bytes. */
  readonly sigma: Uint8Array;
  /** Names the prekey message of the receiver that was used. */
  readonly prekeyId: number;
  /** 64 bytes. */
  readonly authMac: Uint8Array;
  /** Keys of the sender's first ratchet: 57 bytes, and an MPI. */
  readonly firstEcdhPublic: Uint8Array;
  readonly firstDhPublic: bigint;
}

/**
 *     0x0004 | 0x0D | sender INT | receiver INT | CLIENT-PROF | X POINT | A MPI | sigma RING-SIG
 *     | prekey message id INT | Auth MAC 64 | first ECDH POINT | first DH MPI
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "Non-Interactive-Auth Message"
 */
export function decodeNonInteractiveAuth(bytes: Uint8Array): NonInteractiveAuthMessage {
  const read = new Reader(bytes);
  const header = readAddressedHeader(read, MESSAGE_TYPE.nonInteractiveAuth);
  const profile = readClientProfile(read);
  const ecdhPublic = read.fixed(POINT_LENGTH, 'x');
  const dhPublic = read.mpi(DH_LENGTH, 'a');
  const sigma = read.fixed(RING_SIGNATURE_LENGTH, 'sigma');
  const prekeyId = read.int('prekey-id');
  const authMac = read.fixed(MAC_LENGTH, 'auth-mac');
  const firstEcdhPublic = read.fixed(POINT_LENGTH, 'first-ecdh');
  const firstDhPublic = read.mpi(DH_LENGTH, 'first-dh');
  read.end('non-interactive-auth');
  return {
    ...header,
    profile,
    ecdhPublic,
    dhPublic,
    sigma,
    prekeyId,
    authMac,
    firstEcdhPublic,
    firstDhPublic,
  };
}

/** What {@link encodeNonInteractiveAuth} needs: of the profile, only its bytes. */
export type NonInteractiveAuthContent = Omit<NonInteractiveAuthMessage, 'profile'> & {
  readonly profile: Pick<ClientProfile, 'raw'>;
};

/** @see OTRv4 "Non-Interactive-Auth Message" */
export function encodeNonInteractiveAuth(message: NonInteractiveAuthContent): Uint8Array {
  const { senderTag, receiverTag } = message;
  return writeHeader({ type: MESSAGE_TYPE.nonInteractiveAuth, senderTag, receiverTag })
    .bytes(message.profile.raw)
    .bytes(message.ecdhPublic)
    .mpi(message.dhPublic)
    .bytes(message.sigma)
    .int(message.prekeyId)
    .bytes(message.authMac)
    .bytes(message.firstEcdhPublic)
    .mpi(message.firstDhPublic)
    .finish();
}
