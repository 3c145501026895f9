// SPDX-License-Identifier: GPL-3.0-or-later

import {
  LIMITS,
  prekeyBackOffMs,
  prekeysToPublish,
  prekeyStatusDelayMs,
  prekeyStatusIntervalMs,
} from '#otr';
import type { Env } from '#otr/env.ts';
import type { PublishingRow } from '#main/store/rows.ts';

const MINUTE_MS = 60_000;
/** A line that comes and goes is no reason to ask again. */
const MIN_SPACING_MS = 10 * MINUTE_MS;
/** Publications within an hour; the status is asked for as often as it takes. */
const MAX_UPLOADS = 5;
const UPLOADS_MS = 60 * MINUTE_MS;

export const NOTHING_PUBLISHED: PublishingRow = {
  server: undefined,
  checkedAt: undefined,
  stored: undefined,
  publishedUntil: undefined,
  failures: 0,
  failure: undefined,
  failedAt: undefined,
};

/** Why a server is looked at. */
export type Occasion =
  /** A new network session. */
  | 'login'
  /** One key fewer is out there, or our profile was renewed. */
  | 'change'
  /** The server said how much it has, or took what we have. */
  | 'done'
  /** It should get more, but it has got so much within the hour that something is wrong. */
  | 'enough'
  /** It came to nothing. */
  | 'failed';

/** When a provider that never had such a server is asked again: it need not be hurried. */
const neverHad = ({ failure, server }: PublishingRow): boolean =>
  failure === 'no-server' && server === undefined;

/** How long to leave a server alone that failed, counted from now. */
function backOff(row: PublishingRow, nowMs: number): number {
  const { failures, failedAt } = row;
  if (failures === 0 || failedAt === undefined || neverHad(row)) return 0;
  // A clock that was set back makes nobody wait longer.
  const sinceMs = Math.max(0, nowMs - failedAt);
  return Math.max(0, prekeyBackOffMs(failures) - sinceMs);
}

/** How long what the server said last is good enough. */
function spacing({ checkedAt, failures }: PublishingRow, nowMs: number): number {
  const sinceMs = checkedAt === undefined || failures > 0 ? -1 : nowMs - checkedAt;
  return sinceMs < 0 ? 0 : MIN_SPACING_MS - sinceMs;
}

/**
 * When to look at our prekey server again, in ms from now: some seconds after a login or a change, not
 * with everybody else; then about once a day; and ever later when it fails (pks §1.14, PC-09).
 */
export function nextLookMs(occasion: Occasion, row: PublishingRow, env: Env): number {
  const now = env.nowMs();
  switch (occasion) {
    case 'login':
      return Math.max(prekeyStatusDelayMs(env), backOff(row, now), spacing(row, now));
    case 'change':
      return Math.max(prekeyStatusDelayMs(env), backOff(row, now));
    case 'done':
      return prekeyStatusIntervalMs(env);
    case 'enough':
      return UPLOADS_MS;
    case 'failed':
      if (neverHad(row)) return prekeyStatusIntervalMs(env);
      // A failure that could not even be noted is one all the same.
      return row.failures === 0 ? prekeyBackOffMs(1) : backOff(row, now);
  }
}

/**
 * How many one-time keys to make. The server's count is its word, and it may have some that are no longer
 * ours, so that only those count that both of us know of.
 *
 * @param stored what the server says it has
 * @param out    those of ours that it may have
 * @param kept   all whose secrets we keep
 */
export function pairsToMake(stored: number, out: number, kept: number): number {
  const wanted = prekeysToPublish(Math.min(stored, out), kept);
  return Math.max(0, Math.min(wanted, LIMITS.prekeysStored - stored));
}

/** How many publications are still allowed, and when the next one is (monotonic ms). */
export function uploadAllowedAt(uploads: readonly number[], nowMs: number): number {
  const recent = uploads.filter((at) => nowMs - at < UPLOADS_MS);
  const [oldest] = recent.slice(-MAX_UPLOADS);
  return recent.length < MAX_UPLOADS || oldest === undefined ? nowMs : oldest + UPLOADS_MS;
}
