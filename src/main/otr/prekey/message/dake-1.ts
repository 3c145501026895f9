// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "DAKE-1 Message": a client names itself and commits to an ECDH key.

import type { InstanceTag } from '../../bytes.ts';
import { readClientProfile } from '../../codec/client-profile.ts';
import type { ClientProfile } from '../../codec/client-profile.ts';
import { Reader } from '../../codec/reader.ts';
import { POINT_LENGTH } from '../../crypto/ed448.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** A DAKE-1 message as it arrived: well-formed, nothing in it verified yet. */
export interface Dake1Message {
  readonly senderTag: InstanceTag;
  readonly profile: ClientProfile;
  /** I, 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
}

/**
 *     0x0004 | 0x35 | sender INT | CLIENT-PROF | I POINT
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeDake1(bytes: Uint8Array): Dake1Message {
  const read = new Reader(bytes);
  const senderTag = readTaggedHeader(read, PREKEY_TYPE.dake1);
  const profile = readClientProfile(read);
  const ecdhPublic = read.fixed(POINT_LENGTH, 'i');
  read.end('dake-1');
  return { senderTag, profile, ecdhPublic };
}

/** What {@link encodeDake1} needs: of the profile, only its bytes. */
export type Dake1Content = Omit<Dake1Message, 'profile'> & {
  readonly profile: Pick<ClientProfile, 'raw'>;
};

export function encodeDake1({ senderTag, profile, ecdhPublic }: Dake1Content): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.dake1, senderTag)
    .bytes(profile.raw)
    .bytes(ecdhPublic)
    .finish();
}
