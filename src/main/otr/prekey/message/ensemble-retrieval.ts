// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Prekey Ensemble Retrieval Message".

import type { InstanceTag } from '../../bytes.ts';
import { readClientProfile } from '../../codec/client-profile.ts';
import { readPrekeyMessage } from '../../codec/prekey-message.ts';
import { readPrekeyProfile } from '../../codec/prekey-profile.ts';
import { Reader } from '../../codec/reader.ts';
import { OtrError } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import type { Ensemble } from '../../profile/ensemble.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** Keys for writing to `identity`, says the server. Well-formed, nothing in it verified yet. */
export interface EnsembleRetrieval {
  readonly receiverTag: InstanceTag;
  /** A bare address, in the bytes that arrived. */
  readonly identity: Uint8Array;
  /** At least one. */
  readonly ensembles: readonly Ensemble[];
}

/**
 *     0x0004 | 0x13 | receiver INT | identity DATA | L INT | (CLIENT-PROF | PREKEY-PROF | Prekey Message)...
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeEnsembleRetrieval(bytes: Uint8Array): EnsembleRetrieval {
  const read = new Reader(bytes);
  const receiverTag = readTaggedHeader(read, PREKEY_TYPE.ensembleRetrieval);
  const identity = read.data(LIMITS.jidBytes, 'identity');
  const count = readCount(read);
  const ensembles = Array.from({ length: count }, () => readEnsemble(read));
  read.end('ensemble-retrieval');
  return { receiverTag, identity, ensembles };
}

/**
 * L: an INT in the specification, a BYTE in every other implementation. L is at least 1 and far
 * below 2^24, so that only an INT begins with a zero byte.
 */
function readCount(read: Reader): number {
  const first = read.byte('l');
  const count = first === 0 ? (read.byte('l') << 16) | read.short('l') : first;
  if (count === 0) throw new OtrError('bad-count', 'l');
  if (count > LIMITS.ensembles) throw new OtrError('too-many', 'l');
  return count;
}

/**
 * One ensemble that stands alone.
 *
 *     CLIENT-PROF | PREKEY-PROF | Prekey Message
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeEnsemble(bytes: Uint8Array): Ensemble {
  const read = new Reader(bytes);
  const ensemble = readEnsemble(read);
  read.end('ensemble');
  return ensemble;
}

function readEnsemble(read: Reader): Ensemble {
  const clientProfile = readClientProfile(read);
  const prekeyProfile = readPrekeyProfile(read);
  return { clientProfile, prekeyProfile, prekeyMessage: readPrekeyMessage(read) };
}

/** The parts of one ensemble exactly as they were published. */
export interface RawEnsemble {
  readonly clientProfile: Uint8Array;
  readonly prekeyProfile: Uint8Array;
  readonly prekeyMessage: Uint8Array;
}

/** What {@link encodeEnsembleRetrieval} needs: of each part, only its bytes. */
export interface EnsembleRetrievalContent {
  readonly receiverTag: InstanceTag;
  readonly identity: Uint8Array;
  readonly ensembles: readonly RawEnsemble[];
}

export function encodeEnsembleRetrieval(content: EnsembleRetrievalContent): Uint8Array {
  const { receiverTag, identity, ensembles } = content;
  const write = writeTaggedHeader(PREKEY_TYPE.ensembleRetrieval, receiverTag)
    .data(identity)
    .int(ensembles.length);
  for (const { clientProfile, prekeyProfile, prekeyMessage } of ensembles) {
    write.bytes(clientProfile).bytes(prekeyProfile).bytes(prekeyMessage);
  }
  return write.finish();
}
