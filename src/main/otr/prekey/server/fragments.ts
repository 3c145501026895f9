// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Receiving Fragments": the server's end, many senders in bounded memory.

import { dropStaleFragments, nextStaleAt, NO_FRAGMENTS } from '../../codec/reassembly.ts';
import type { Reassembly } from '../../codec/reassembly.ts';
import { tryRead } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import { addPrekeyFragment, parsePrekeyFragment, PREKEY_FRAGMENT_PREFIX } from '../fragment.ts';

/** By full address; the one heard of longest ago comes first. Immutable. */
export type FragmentTable = ReadonlyMap<string, Reassembly>;

export const NO_FRAGMENT_SENDERS: FragmentTable = new Map();

export type AssemblyStep =
  /** A body that is no fragment, or the whole that the last fragment completes. */
  | { readonly tag: 'whole'; readonly next: FragmentTable; readonly body: string }
  | { readonly tag: 'waiting'; readonly next: FragmentTable }
  /** The very same table. */
  | { readonly tag: 'malformed' | 'rejected'; readonly next: FragmentTable };

/**
 * @param from  full address
 * @param nowMs monotonic clock
 * @see Prekey Server "Receiving Fragments"
 */
export function assemblePrekeyBody(
  table: FragmentTable,
  from: string,
  text: string,
  nowMs: number,
): AssemblyStep {
  const body = text.trim();
  if (!body.startsWith(PREKEY_FRAGMENT_PREFIX)) return { tag: 'whole', next: table, body };
  const fragment = tryRead(() => parsePrekeyFragment(body));
  if (fragment === undefined) return { tag: 'malformed', next: table };
  const known = table.get(from) ?? NO_FRAGMENTS;
  const added = addPrekeyFragment(known, fragment, nowMs);
  if (added.next === known) return { tag: 'rejected', next: table };
  const next = withFragments(table, from, added.next);
  return added.tag === 'complete'
    ? { tag: 'whole', next, body: added.message }
    : { tag: 'waiting', next };
}

/** Who was heard of last comes last; the first makes room. */
function withFragments(all: FragmentTable, from: string, reassembly: Reassembly): FragmentTable {
  const next = new Map(all);
  next.delete(from);
  if (reassembly.buffers.length > 0) next.set(from, reassembly);
  const [first] = next.keys();
  if (next.size > LIMITS.prekeyFragmentSenders && first !== undefined) next.delete(first);
  return next;
}

/** Without fragments whose siblings have not come in time. The same table when there are none. */
export function dropLateFragments(all: FragmentTable, nowMs: number): FragmentTable {
  const kept = [...all].map(([from, known]) => [from, dropStaleFragments(known, nowMs)] as const);
  const isChanged = kept.some(([from, known]) => known !== all.get(from));
  return isChanged ? new Map(kept.filter(([, { buffers }]) => buffers.length > 0)) : all;
}

/** When {@link dropLateFragments} next has something to do, on the monotonic clock. */
export function nextLateFragmentAt(all: FragmentTable): number | undefined {
  const due = [...all.values()].map((known) => nextStaleAt(known)).filter((at) => at !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}
