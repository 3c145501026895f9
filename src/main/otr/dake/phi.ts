// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Shared Session State": phi, the context both ends must agree on.

import { encodeData, encodeInt, encodeUtf8, concat } from '../bytes.ts';
import type { InstanceTag } from '../bytes.ts';
import { encodeMpi } from '../codec/writer.ts';
import type { DhPublic } from '../crypto/dh3072.ts';
import type { EcdhPublic } from '../crypto/ed448.ts';

/**
 * Which of two readings of the specification is spoken. `otr4j` is what otr4j and otrr do, for
 * interoperability tests: phi unsorted, and a length before the signed message.
 */
export type Dialect = 'spec' | 'otr4j';

/** Who one end of a key exchange is. */
export interface PhiName {
  readonly tag: InstanceTag;
  /** Bare address, normalised the same way on both ends. */
  readonly jid: string;
}

interface PhiKeys {
  readonly firstEcdh: EcdhPublic;
  readonly firstDh: DhPublic;
}

/** One end of a key exchange, as the context both ends must agree on describes it. */
export interface PhiParty extends PhiName, PhiKeys {}

/**
 * phi: the context that an Auth message proves both ends to share.
 *
 *     tag INT | tag INT | sender's first ECDH POINT | DH MPI | receiver's first ECDH POINT | DH MPI
 *     | DATA(JID) | DATA(JID)
 *
 * Tags are in numerical order and JIDs in the order of their bytes, so that both ends write the
 * same; the keys are in the order of the message that is signed.
 *
 * @see OTRv4 "Shared Session State"
 */
export function encodePhi(sender: PhiParty, receiver: PhiParty, dialect: Dialect): Uint8Array {
  return encodeContext([sender, receiver], [sender, receiver], dialect);
}

/**
 * phi of the non-interactive DAKE. Its receiver has no first keys yet, so only the sender's are in it.
 *
 *     tag INT | tag INT | sender's first ECDH POINT | DH MPI | DATA(JID) | DATA(JID)
 *
 * @see OTRv4 "Shared Session State"
 */
export function encodeOfflinePhi(
  sender: PhiParty,
  receiver: PhiName,
  dialect: Dialect,
): Uint8Array {
  return encodeContext([sender, receiver], [sender], dialect);
}

function encodeContext(
  [sender, receiver]: readonly [PhiName, PhiName],
  keys: readonly PhiKeys[],
  dialect: Dialect,
): Uint8Array {
  const tags = [sender.tag, receiver.tag];
  const jids = [encodeUtf8(sender.jid), encodeUtf8(receiver.jid)];
  if (dialect === 'spec') {
    tags.sort((left, right) => left - right);
    jids.sort(compareBytes);
  }
  return concat(
    ...tags.map(encodeInt),
    ...keys.flatMap(({ firstEcdh, firstDh }) => [firstEcdh, encodeMpi(firstDh)]),
    ...jids.map(encodeData),
  );
}

/** Lexicographic order of public bytes. */
function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
