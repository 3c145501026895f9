// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving Fragments": putting fragments together in bounded memory.

import { tryRead } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { parseArmor } from './armor.ts';
import type { Fragment } from './fragment.ts';
import { peekHeader } from './header.ts';

/** One piece of a message. */
export interface Piece {
  /** The same for all pieces of one message, and for no other message of its sender. */
  readonly key: string;
  /** From 1. */
  readonly index: number;
  readonly total: number;
  /** Never empty. */
  readonly piece: string;
}

/** The pieces of one message that have arrived. */
interface Unfinished {
  readonly key: string;
  readonly total: number;
  readonly pieces: ReadonlyMap<number, string>;
  readonly chars: number;
  /** On the monotonic clock: when what is missing comes too late. */
  readonly staleAt: number;
}

/** Unfinished messages of one sender (one full address), oldest first. Immutable. */
export interface Reassembly {
  readonly buffers: readonly Unfinished[];
}

export const NO_FRAGMENTS: Reassembly = { buffers: [] };

/** How much one sender may leave unfinished, and for how long after the first piece. */
export interface ReassemblyLimits {
  readonly buffers: number;
  readonly chars: number;
  readonly lifetimeMs: number;
}

export type ReassemblyStep =
  /** Kept; more pieces are missing. */
  | { readonly tag: 'waiting'; readonly next: Reassembly }
  /** Complete: the pieces in their order. */
  | { readonly tag: 'complete'; readonly next: Reassembly; readonly message: string }
  /** Not used: its place is taken, it contradicts its siblings, or the whole is no message. */
  | { readonly tag: 'rejected'; readonly next: Reassembly };

export const CONTACT_REASSEMBLY: ReassemblyLimits = {
  buffers: LIMITS.fragmentBuffersPerSender,
  chars: LIMITS.fragmentBytesPerSender,
  lifetimeMs: LIMITS.fragmentLifetimeMs,
};

export const STRANGER_REASSEMBLY: ReassemblyLimits = {
  ...CONTACT_REASSEMBLY,
  buffers: LIMITS.fragmentBuffersPerStranger,
};

/**
 * Adds one fragment of an encoded message. When it is complete, its own tags are those of its
 * fragments.
 *
 * @param fragment parsed, and addressed to us
 * @param nowMs    monotonic clock
 * @see OTRv4 "Receiving Fragments"
 */
export function addFragment(
  state: Reassembly,
  fragment: Fragment,
  nowMs: number,
  limits: ReassemblyLimits = CONTACT_REASSEMBLY,
): ReassemblyStep {
  const { senderTag, identifier, index, total, piece } = fragment;
  const key = `${senderTag}|${identifier}`;
  const added = addPiece(state, { key, index, total, piece }, nowMs, limits);
  return added.tag !== 'complete' || isMessageOf(added.message, fragment)
    ? added
    : { tag: 'rejected', next: added.next };
}

/** A whole must be an encoded message of the same sender to the same receiver, and no fragment again. */
function isMessageOf(message: string, { senderTag, receiverTag }: Fragment): boolean {
  const header = tryRead(() => peekHeader(parseArmor(message)));
  return header?.senderTag === senderTag && header.receiverTag === receiverTag;
}

/**
 * Adds one piece. Order does not matter; memory is bounded by `limits`, the oldest unfinished
 * message making room for a new one.
 *
 * @param nowMs monotonic clock
 */
export function addPiece(
  state: Reassembly,
  piece: Piece,
  nowMs: number,
  limits: ReassemblyLimits,
): ReassemblyStep {
  const fresh = dropStaleFragments(state, nowMs);
  const found = fresh.buffers.find((buffer) => buffer.key === piece.key);
  const others = fresh.buffers.filter((buffer) => buffer.key !== piece.key);
  if (found !== undefined && found.total !== piece.total) {
    return { tag: 'rejected', next: { buffers: others } };
  }
  if (found?.pieces.has(piece.index) === true) return { tag: 'rejected', next: fresh };
  const grown = withPiece(found ?? newUnfinished(piece, nowMs + limits.lifetimeMs), piece);
  if (grown.pieces.size === grown.total) {
    return { tag: 'complete', next: { buffers: others }, message: join(grown) };
  }
  if (grown.chars > limits.chars) return { tag: 'rejected', next: { buffers: others } };
  const kept = found === undefined ? [...others, grown] : replace(fresh.buffers, grown);
  return { tag: 'waiting', next: { buffers: withinLimits(kept, limits) } };
}

/** Without messages whose missing pieces have not come in time. The same object when there are none. */
export function dropStaleFragments(state: Reassembly, nowMs: number): Reassembly {
  const buffers = state.buffers.filter(({ staleAt }) => nowMs < staleAt);
  return buffers.length === state.buffers.length ? state : { buffers };
}

/** When {@link dropStaleFragments} next has something to do, on the monotonic clock. */
export function nextStaleAt(state: Reassembly): number | undefined {
  return state.buffers[0]?.staleAt;
}

function newUnfinished({ key, total }: Piece, staleAt: number): Unfinished {
  return { key, total, pieces: new Map(), chars: 0, staleAt };
}

function withPiece(buffer: Unfinished, { index, piece }: Piece): Unfinished {
  const pieces = new Map(buffer.pieces).set(index, piece);
  return { ...buffer, pieces, chars: buffer.chars + piece.length };
}

function replace(buffers: readonly Unfinished[], changed: Unfinished): readonly Unfinished[] {
  return buffers.map((buffer) => (buffer.key === changed.key ? changed : buffer));
}

function withinLimits(
  buffers: readonly Unfinished[],
  limits: ReassemblyLimits,
): readonly Unfinished[] {
  let from = 0;
  let chars = buffers.reduce((sum, buffer) => sum + buffer.chars, 0);
  for (const oldest of buffers) {
    if (buffers.length - from <= limits.buffers && chars <= limits.chars) break;
    chars -= oldest.chars;
    from += 1;
  }
  return buffers.slice(from);
}

function join({ pieces, total }: Unfinished): string {
  return Array.from({ length: total }, (_, k) => pieces.get(k + 1) ?? '').join('');
}
