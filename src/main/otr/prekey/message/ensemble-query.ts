// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Ensemble Query Retrieval Message".

import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { LIMITS } from '../../limits.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** Who has keys for writing to `identity`? Nothing about the sender is authenticated. */
export interface EnsembleQuery {
  readonly senderTag: InstanceTag;
  /** A bare address, in the bytes that arrived. */
  readonly identity: Uint8Array;
  /** One byte for each version asked for: "4". */
  readonly versions: Uint8Array;
}

/**
 *     0x0004 | 0x10 | sender INT | identity DATA | versions DATA
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeEnsembleQuery(bytes: Uint8Array): EnsembleQuery {
  const read = new Reader(bytes);
  const senderTag = readTaggedHeader(read, PREKEY_TYPE.ensembleQuery);
  const identity = read.data(LIMITS.jidBytes, 'identity');
  const versions = read.data(LIMITS.profileVersionsChars, 'versions');
  read.end('ensemble-query');
  return { senderTag, identity, versions };
}

export function encodeEnsembleQuery({ senderTag, identity, versions }: EnsembleQuery): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.ensembleQuery, senderTag)
    .data(identity)
    .data(versions)
    .finish();
}

const DIGIT_4 = 0x34;
const RAW_4 = 0x04;

/** Whether version 4 is asked for: as a digit, or as the bare number that some clients write. */
export function asksForVersion4({ versions }: Pick<EnsembleQuery, 'versions'>): boolean {
  return versions.includes(DIGIT_4) || versions.includes(RAW_4);
}
