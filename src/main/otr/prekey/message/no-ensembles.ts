// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "No Prekey Ensembles in Storage Message".

import { encodeUtf8 } from '../../bytes.ts';
import type { InstanceTag } from '../../bytes.ts';
import { Reader } from '../../codec/reader.ts';
import { LIMITS } from '../../limits.ts';
import { PREKEY_TYPE, readTaggedHeader, writeTaggedHeader } from './header.ts';

/** There is nothing for writing to `identity`, says the server. Nothing of it is authenticated. */
export interface NoEnsembles {
  readonly receiverTag: InstanceTag;
  /** A bare address, in the bytes that arrived. */
  readonly identity: Uint8Array;
  /** For people, says the specification. From a server, so it is read and never shown. */
  readonly text: Uint8Array;
}

/** The text the specification asks for. */
export const NO_ENSEMBLES_TEXT = encodeUtf8('No Prekey Messages available for this identity');

/**
 *     0x0004 | 0x0E | receiver INT | identity DATA | text DATA
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 */
export function decodeNoEnsembles(bytes: Uint8Array): NoEnsembles {
  const read = new Reader(bytes);
  const receiverTag = readTaggedHeader(read, PREKEY_TYPE.noEnsembles);
  const identity = read.data(LIMITS.jidBytes, 'identity');
  const text = read.data(LIMITS.prekeyTextBytes, 'text');
  read.end('no-ensembles');
  return { receiverTag, identity, text };
}

export function encodeNoEnsembles({ receiverTag, identity, text }: NoEnsembles): Uint8Array {
  return writeTaggedHeader(PREKEY_TYPE.noEnsembles, receiverTag).data(identity).data(text).finish();
}
