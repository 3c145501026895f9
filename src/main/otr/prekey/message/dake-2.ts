// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "DAKE-2 Message": the server names itself, and signs for both ECDH keys.

import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { POINT_LENGTH } from '../../crypto/ed448.ts';
import { RING_SIGNATURE_LENGTH } from '../../crypto/ring-signature.ts';
import { readCompositeIdentity } from '../server-identity.ts';
import type { CompositeIdentity } from '../server-identity.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** A DAKE-2 message as it arrived: well-formed, nothing in it verified yet. */
export interface Dake2Message {
  readonly receiverTag: InstanceTag;
  readonly server: CompositeIdentity;
  /** S, 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
  /** 342 bytes. */
  readonly sigma: Uint8Array;
}

/**
 *     0x0004 | 0x36 | receiver INT | identity DATA | H_s ED448-PUBKEY | S POINT | sigma RING-SIG
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeDake2(bytes: Uint8Array): Dake2Message {
  const read = new Reader(bytes);
  const receiverTag = readTaggedHeader(read, PREKEY_TYPE.dake2);
  const server = readCompositeIdentity(read);
  const ecdhPublic = read.fixed(POINT_LENGTH, 's');
  const sigma = read.fixed(RING_SIGNATURE_LENGTH, 'sigma');
  read.end('dake-2');
  return { receiverTag, server, ecdhPublic, sigma };
}

/** What {@link encodeDake2} needs: of the server's identity, only its bytes. */
export type Dake2Content = Omit<Dake2Message, 'server'> & {
  readonly server: Pick<CompositeIdentity, 'raw'>;
};

export function encodeDake2({ receiverTag, server, ecdhPublic, sigma }: Dake2Content): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.dake2, receiverTag)
    .bytes(server.raw)
    .bytes(ecdhPublic)
    .bytes(sigma)
    .finish();
}
