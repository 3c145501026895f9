// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Identity Message": the first message of the interactive DAKE, on the wire.

import type { InstanceTag } from '../bytes.ts';
import { DH_LENGTH } from '../crypto/dh3072.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { readClientProfile } from './client-profile.ts';
import type { ClientProfile } from './client-profile.ts';
import { MESSAGE_TYPE, readHeader, writeHeader } from './header.ts';
import type { ReceiverTag } from './instance-tag.ts';
import { Reader } from './reader.ts';

/** An Identity message as it arrived: well-formed, nothing in it verified yet. */
export interface IdentityMessage {
  readonly senderTag: InstanceTag;
  /** 0 while the sender knows no tag of ours. */
  readonly receiverTag: ReceiverTag;
  readonly profile: ClientProfile;
  /** Y, 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
  /** B, not yet checked to be in the group. */
  readonly dhPublic: bigint;
  /** Keys of the sender's first ratchet: 57 bytes, and an MPI. */
  readonly firstEcdhPublic: Uint8Array;
  readonly firstDhPublic: bigint;
}

/**
 *     0x0004 | 0x35 | sender INT | receiver INT | CLIENT-PROF | Y POINT | B MPI
 *     | first ECDH POINT | first DH MPI
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "Identity Message"
 */
export function decodeIdentity(bytes: Uint8Array): IdentityMessage {
  const read = new Reader(bytes);
  const header = readHeader(read, MESSAGE_TYPE.identity);
  const profile = readClientProfile(read);
  const ecdhPublic = read.fixed(POINT_LENGTH, 'y');
  const dhPublic = read.mpi(DH_LENGTH, 'b');
  const firstEcdhPublic = read.fixed(POINT_LENGTH, 'first-ecdh');
  const firstDhPublic = read.mpi(DH_LENGTH, 'first-dh');
  read.end('identity');
  return { ...header, profile, ecdhPublic, dhPublic, firstEcdhPublic, firstDhPublic };
}

/** What {@link encodeIdentity} needs: of the profile, only its bytes. */
export type IdentityContent = Omit<IdentityMessage, 'profile'> & {
  readonly profile: Pick<ClientProfile, 'raw'>;
};

/** @see OTRv4 "Identity Message" */
export function encodeIdentity(message: IdentityContent): Uint8Array {
  const { senderTag, receiverTag } = message;
  return writeHeader({ type: MESSAGE_TYPE.identity, senderTag, receiverTag })
    .bytes(message.profile.raw)
    .bytes(message.ecdhPublic)
    .mpi(message.dhPublic)
    .bytes(message.firstEcdhPublic)
    .mpi(message.firstDhPublic)
    .finish();
}
