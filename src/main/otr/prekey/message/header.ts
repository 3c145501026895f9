// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange": what every message of the protocol begins with.

import type { InstanceTag } from '../../bytes.ts';
import { VERSION } from '../../codec/header.ts';
import { validateInstanceTag } from '../../codec/instance-tag.ts';
import { Reader } from '../../codec/reader.ts';
import { Writer } from '../../codec/writer.ts';
import { OtrError } from '../../errors.ts';

/** Publication and storage request travel inside DAKE-3 only. */
export const PREKEY_TYPE = {
  failure: 0x05,
  success: 0x06,
  publication: 0x08,
  storageRequest: 0x09,
  storageStatus: 0x0b,
  noEnsembles: 0x0e,
  ensembleQuery: 0x10,
  ensembleRetrieval: 0x13,
  dake1: 0x35,
  dake2: 0x36,
  dake3: 0x37,
} as const;

/** Bytes of every MAC of the protocol. */
export const PREKEY_MAC_LENGTH = 64;

/**
 * What a message claims to be, and nothing else of it.
 *
 * A later version cannot be let through: its parts carry no lengths that would allow to skip them.
 *
 * @throws {OtrError} `wrong-version`, `truncated`
 */
export function peekPrekeyType(bytes: Uint8Array): number {
  return readStart(new Reader(bytes));
}

function readStart(read: Reader): number {
  if (read.short('version') !== VERSION) throw new OtrError('wrong-version', 'version');
  return read.byte('type');
}

/** 0x0004 | type BYTE. @throws {OtrError} `wrong-version`, `wrong-type`, `truncated` */
export function readPrekeyHeader(read: Reader, type: number): void {
  if (readStart(read) !== type) throw new OtrError('wrong-type', 'type');
}

/** 0x0004 | type BYTE | tag INT, of the client on whichever end it is. */
export function readTaggedHeader(read: Reader, type: number): InstanceTag {
  readPrekeyHeader(read, type);
  return validateInstanceTag(read.int('tag'), 'tag');
}

/** A writer that has written version and type. */
export function writePrekeyHeader(type: number): Writer {
  return new Writer().short(VERSION).byte(type);
}

/** A writer that has written the client's tag, too. */
export function writeTaggedHeader(type: number, tag: InstanceTag): Writer {
  return writePrekeyHeader(type).int(tag);
}
