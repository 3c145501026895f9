// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Receiving Fragments": pieces are put together; none are made, since the
// largest publication of ours fits into a stanza.

import { validatePlace } from '../codec/fragment.ts';
import { addPiece } from '../codec/reassembly.ts';
import type { Reassembly, ReassemblyLimits, ReassemblyStep } from '../codec/reassembly.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

export const PREKEY_FRAGMENT_PREFIX = '?OTRP|';

/** One piece of an encoded prekey message. */
export interface PrekeyFragment {
  /** A number to tell messages apart and nothing more: some write ten decimal digits. */
  readonly identifier: number;
  /** 0 from a server. */
  readonly senderTag: number;
  /** 0 to a server. */
  readonly receiverTag: number;
  /** From 1. */
  readonly index: number;
  readonly total: number;
  /** Never empty, and no fragment again: it has no "|". */
  readonly piece: string;
}

const FRAGMENT =
  /^\?OTRP\|([0-9a-f]{1,10})\|([0-9a-f]{1,8})\|([0-9a-f]{1,8}),(\d{1,5}),(\d{1,5}),([A-Za-z0-9+/=.]+),$/i;

/**
 * "?OTRP|" id "|" sender "|" receiver "," index "," total "," piece ","
 *
 * @throws {OtrError} on any deviation
 * @see Prekey Server "Receiving Fragments"
 */
export function parsePrekeyFragment(text: string): PrekeyFragment {
  if (text.length > LIMITS.prekeyBodyChars) throw new OtrError('too-large', 'fragment');
  const match = FRAGMENT.exec(text);
  if (match === null) throw new OtrError('bad-armor', 'fragment');
  const [, identifier = '', sender = '', receiver = '', index, total, piece = ''] = match;
  return {
    identifier: Number.parseInt(identifier, 16),
    senderTag: Number.parseInt(sender, 16),
    receiverTag: Number.parseInt(receiver, 16),
    ...validatePlace(Number(index), Number(total), LIMITS.prekeyFragmentPieces),
    piece,
  };
}

const PREKEY_REASSEMBLY: ReassemblyLimits = {
  buffers: LIMITS.prekeyFragmentBuffers,
  chars: LIMITS.prekeyBodyChars,
  lifetimeMs: LIMITS.prekeyFragmentLifetimeMs,
};

/**
 * Adds one fragment to what its sender (one full address) has left unfinished.
 *
 * @param nowMs monotonic clock
 * @see Prekey Server "Receiving Fragments"
 */
export function addPrekeyFragment(
  state: Reassembly,
  { identifier, index, total, piece }: PrekeyFragment,
  nowMs: number,
): ReassemblyStep {
  const key = identifier.toString(16);
  return addPiece(state, { key, index, total, piece }, nowMs, PREKEY_REASSEMBLY);
}
