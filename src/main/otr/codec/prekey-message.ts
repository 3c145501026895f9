// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Prekey Message": one pair of one-time keys, published for those who write while we are away.

import type { InstanceTag } from '../bytes.ts';
import { DH_LENGTH } from '../crypto/dh3072.ts';
import { POINT_LENGTH } from '../crypto/ed448.ts';
import { OtrError } from '../errors.ts';
import { MESSAGE_TYPE, VERSION } from './header.ts';
import { validateInstanceTag } from './instance-tag.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** What a Prekey message says. */
export interface PrekeyMessageFields {
  /** By which its owner finds the secrets: 4 bytes, any value. */
  readonly id: number;
  readonly ownerTag: InstanceTag;
  /** Y, 57 bytes. */
  readonly ecdhPublic: Uint8Array;
  /** B */
  readonly dhPublic: bigint;
}

/** A Prekey message as it arrived: well-formed, no key in it checked to be of its group. */
export interface PrekeyMessage extends PrekeyMessageFields {
  /** All of it, exactly as it arrived. */
  readonly raw: Uint8Array;
}

/**
 * Reads one Prekey message, and leaves the reader behind it: they travel in lists.
 *
 *     0x0004 | 0x0F | id INT | owner INT | Y POINT | B MPI
 *
 * @throws {OtrError} on any deviation
 * @see OTRv4 "Prekey Message"
 */
export function readPrekeyMessage(read: Reader): PrekeyMessage {
  const start = read.position;
  if (read.short('prekey.version') !== VERSION) {
    throw new OtrError('wrong-version', 'prekey.version');
  }
  if (read.byte('prekey.type') !== MESSAGE_TYPE.prekey) {
    throw new OtrError('wrong-type', 'prekey.type');
  }
  const id = read.int('prekey.id');
  const ownerTag = validateInstanceTag(read.int('prekey.owner-tag'), 'prekey.owner-tag');
  const ecdhPublic = read.fixed(POINT_LENGTH, 'prekey.y');
  const dhPublic = read.mpi(DH_LENGTH, 'prekey.b');
  return { id, ownerTag, ecdhPublic, dhPublic, raw: read.span(start, read.position) };
}

/** A message that stands alone. @throws {OtrError} on any deviation, including trailing bytes */
export function decodePrekeyMessage(bytes: Uint8Array): PrekeyMessage {
  const read = new Reader(bytes);
  const message = readPrekeyMessage(read);
  read.end('prekey');
  return message;
}

/** @see OTRv4 "Prekey Message" */
export function encodePrekeyMessage(message: PrekeyMessageFields): Uint8Array {
  return new Writer()
    .short(VERSION)
    .byte(MESSAGE_TYPE.prekey)
    .int(message.id)
    .int(message.ownerTag)
    .bytes(message.ecdhPublic)
    .mpi(message.dhPublic)
    .finish();
}
