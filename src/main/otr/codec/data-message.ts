// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Message Format": a data message on the wire, and what its authenticator covers.

import type { Brand, InstanceTag } from '../bytes.ts';
import { DH_LENGTH } from '../crypto/dh3072.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { MESSAGE_TYPE, readAddressedHeader, writeHeader } from './header.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const MAC_LENGTH = 64;

export type Ciphertext = Brand<Uint8Array, 'Ciphertext'>;
/** 64 bytes. */
export type Mac = Brand<Uint8Array, 'Mac'>;

const FLAG_IGNORE_UNREADABLE = 0x01;

/** What the authenticator of a data message covers. */
export interface DataSections {
  readonly senderTag: InstanceTag;
  readonly receiverTag: InstanceTag;
  /** Nobody is to be told when this message cannot be read. */
  readonly ignoreUnreadable: boolean;
  /** `pn`: messages sent in the previous sending chain. */
  readonly previousChainLength: number;
  /** `i`: ratchet the sender was in. */
  readonly ratchetId: number;
  /** `j`: position in that ratchet, from 0. */
  readonly messageId: number;
  /** 57 bytes, not yet checked to be a curve point. */
  readonly ecdhPublic: Uint8Array;
  /** Absent in two of three ratchets, where the brace key is derived instead. */
  readonly dhPublic: bigint | undefined;
  readonly ciphertext: Ciphertext;
}

/** A data message as it arrived: well-formed, nothing in it verified yet. */
export interface DataMessage extends DataSections {
  readonly authenticator: Mac;
  /** Any number of MAC keys of 64 bytes each, one after the other. */
  readonly revealedMacKeys: Uint8Array;
}

/**
 * Reads a data message and the exact bytes its authenticator covers.
 *
 *     0x0004 | 0x03 | sender INT | receiver INT | flags BYTE | pn INT | i INT | j INT
 *     | ECDH POINT | DH MPI | ciphertext DATA || MAC 64 | old MAC keys DATA
 *                                             ^ `authenticated` ends here
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "Data Message Format"
 */
export function decodeDataMessage(bytes: Uint8Array): {
  readonly message: DataMessage;
  readonly authenticated: Uint8Array;
} {
  const read = new Reader(bytes);
  const header = readAddressedHeader(read, MESSAGE_TYPE.data);
  const flags = read.byte('flags');
  const previousChainLength = read.int('pn');
  const ratchetId = read.int('i');
  const messageId = read.int('j');
  const ecdhPublic = read.fixed(POINT_LENGTH, 'ecdh');
  const dh = read.mpi(DH_LENGTH, 'dh');
  const ciphertext = read.data(LIMITS.messageBytes, 'ciphertext') as Ciphertext;
  const authenticated = read.span(0, read.position);
  const authenticator = read.fixed(MAC_LENGTH, 'authenticator') as Mac;
  const revealedMacKeys = read.data(LIMITS.oldMacKeysBytes, 'old-mac-keys');
  if (revealedMacKeys.length % MAC_LENGTH !== 0) throw new OtrError('bad-length', 'old-mac-keys');
  read.end('message');
  return {
    message: {
      ...header,
      ignoreUnreadable: (flags & FLAG_IGNORE_UNREADABLE) !== 0,
      previousChainLength,
      ratchetId,
      messageId,
      ecdhPublic,
      dhPublic: dh === 0n ? undefined : dh,
      ciphertext,
      authenticator,
      revealedMacKeys,
    },
    authenticated,
  };
}

/** The bytes an authenticator is made over. @see OTRv4 "Data Message Format" */
export function encodeDataSections(sections: DataSections): Uint8Array {
  const { senderTag, receiverTag } = sections;
  return writeHeader({ type: MESSAGE_TYPE.data, senderTag, receiverTag })
    .byte(sections.ignoreUnreadable ? FLAG_IGNORE_UNREADABLE : 0)
    .int(sections.previousChainLength)
    .int(sections.ratchetId)
    .int(sections.messageId)
    .bytes(sections.ecdhPublic)
    .mpi(sections.dhPublic ?? 0n)
    .data(sections.ciphertext)
    .finish();
}

/**
 * @param sections        of {@link encodeDataSections}
 * @param authenticator   64 bytes over `sections`
 * @param revealedMacKeys MAC keys of messages received and never needed again, 64 bytes each
 */
export function encodeDataMessage(
  sections: Uint8Array,
  authenticator: Uint8Array,
  revealedMacKeys: readonly Uint8Array[],
): Uint8Array {
  const revealed = new Writer();
  for (const key of revealedMacKeys) revealed.bytes(key);
  return new Writer().bytes(sections).bytes(authenticator).data(revealed.finish()).finish();
}
