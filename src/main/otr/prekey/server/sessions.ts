// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "State Machine": the exchanges a server has begun, one for each device at most.

import type { InstanceTag } from '../../bytes.ts';
import type { Secret } from '../../crypto/secret.ts';
import { LIMITS } from '../../limits.ts';
import type { PrekeySecret } from '../shared-secret.ts';
import type { PrekeyTranscript } from '../transcript.ts';
import { toBareJid } from './jid.ts';

/** We sent a DAKE-2 message. The ephemeral secret is gone already. */
export interface PrekeySession {
  /** Full address: two devices of one account do not meet. */
  readonly from: string;
  readonly tag: InstanceTag;
  /** What both ends signed or will sign. */
  readonly transcript: PrekeyTranscript;
  /** SK */
  readonly secret: PrekeySecret;
  /** Monotonic clock, milliseconds. */
  readonly createdAt: number;
}

/** Oldest first. Immutable. */
export type SessionTable = ReadonlyMap<string, PrekeySession>;

export const NO_SESSIONS: SessionTable = new Map();

function keyOf(from: string, tag: InstanceTag): string {
  return `${tag}|${from}`;
}

export interface SessionChange {
  readonly next: SessionTable;
  /** Secrets of the sessions that are no longer in the table. */
  readonly retired: readonly Secret[];
}

/**
 * Makes room for a session, in place of an older one of the same device. An account has room for a
 * few, the oldest giving way; a full table takes nobody in, so that a flood cannot drive out who is
 * there.
 *
 * @returns undefined when the table is full
 */
export function makeRoomForSession(
  table: SessionTable,
  from: string,
  tag: InstanceTag,
  now: number,
): SessionChange | undefined {
  const fresh = dropLateSessions(table, now);
  const next = new Map(fresh.next);
  const replaced = takeOut(next, keyOf(from, tag));
  const crowded = ofAccount(next, from).slice(0, 1 - LIMITS.prekeySessionsPerAccount);
  const evicted = crowded.flatMap((key) => takeOut(next, key));
  if (next.size >= LIMITS.prekeySessions) return undefined;
  return { next, retired: [...fresh.retired, ...replaced, ...evicted] };
}

/** @param table with room for it */
export function addSession(table: SessionTable, session: PrekeySession): SessionTable {
  return new Map(table).set(keyOf(session.from, session.tag), session);
}

function takeOut(table: Map<string, PrekeySession>, key: string): readonly Secret[] {
  const session = table.get(key);
  table.delete(key);
  return session === undefined ? [] : [session.secret];
}

/** Keys of the sessions of the same account, oldest first. */
function ofAccount(table: SessionTable, from: string): readonly string[] {
  const account = toBareJid(from);
  return [...table]
    .filter(([, session]) => toBareJid(session.from) === account)
    .map(([key]) => key);
}

/**
 * Takes a session out, whatever becomes of it: one DAKE-3 message for each DAKE-1.
 * @returns undefined when there is none, or it came too late
 */
export function takeSession(
  table: SessionTable,
  from: string,
  tag: InstanceTag,
  now: number,
): { readonly next: SessionTable; readonly session: PrekeySession } | undefined {
  const key = keyOf(from, tag);
  const session = table.get(key);
  if (session === undefined || isLate(session, now)) return undefined;
  const next = new Map(table);
  next.delete(key);
  return { next, session };
}

function isLate({ createdAt }: PrekeySession, now: number): boolean {
  return now - createdAt >= LIMITS.prekeySessionLifetimeMs;
}

/** Without sessions whose DAKE-3 has not come in time. The same table when there are none. */
export function dropLateSessions(table: SessionTable, now: number): SessionChange {
  const late = [...table].filter(([, session]) => isLate(session, now));
  if (late.length === 0) return { next: table, retired: [] };
  const next = new Map(table);
  for (const [key] of late) next.delete(key);
  return { next, retired: late.map(([, session]) => session.secret) };
}

/** When {@link dropLateSessions} next has something to do, on the monotonic clock. */
export function nextLateSessionAt(table: SessionTable): number | undefined {
  const [oldest] = table.values();
  return oldest === undefined ? undefined : oldest.createdAt + LIMITS.prekeySessionLifetimeMs;
}
