// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Security Properties": how often one account may ask, as token buckets.

import { encodeUtf8 } from '../../bytes.ts';
import { LIMITS } from '../../limits.ts';

/** So many within so long; that many at once when there was silence before. */
export interface Rate {
  readonly count: number;
  readonly withinMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is allowed; the specification says "reasonable" (ADR 0023). */
export const PREKEY_RATES = {
  dakePerAccountMinute: { count: 10, withinMs: MINUTE_MS },
  dakePerAccountDay: { count: 100, withinMs: 24 * HOUR_MS },
  queriesPerRequester: { count: 30, withinMs: MINUTE_MS },
  queriesPerPair: { count: 5, withinMs: MINUTE_MS },
  queriesPerTarget: { count: 60, withinMs: HOUR_MS },
} as const satisfies Readonly<Record<string, Rate>>;

/** When a bucket is full again, on the monotonic clock. One that is full needs no entry. */
type FullAt = number;

/**
 * The buckets that are not full. Immutable; spread over shards, so that a change copies one of them
 * and not all.
 */
export interface RateTable {
  readonly shards: readonly ReadonlyMap<string, FullAt>[];
}

const SHARDS = 64;
const ENTRIES_PER_SHARD = LIMITS.prekeyRateEntries / SHARDS;

export const NO_RATES: RateTable = { shards: Array.from({ length: SHARDS }, () => new Map()) };

/** A token to take: of which bucket, and how that one fills. */
export interface RateClaim {
  readonly key: string;
  readonly rate: Rate;
}

/**
 * Takes one token of each bucket, or of none.
 *
 * @param now monotonic clock
 * @returns undefined when a bucket is empty
 */
export function admit(
  table: RateTable,
  claims: readonly RateClaim[],
  now: number,
): RateTable | undefined {
  const taken = claims.map((claim) => ({ key: claim.key, fullAt: take(table, claim, now) }));
  return taken.reduce<RateTable | undefined>(
    (rest, { key, fullAt }) =>
      rest === undefined || fullAt === undefined ? undefined : withEntry(rest, key, fullAt, now),
    table,
  );
}

function take(table: RateTable, { key, rate }: RateClaim, now: number): FullAt | undefined {
  const perToken = rate.withinMs / rate.count;
  // Stryker disable next-line OptionalChaining: there is a shard for every remainder
  const fullAt = Math.max(now, table.shards[shardOf(key)]?.get(key) ?? now) + perToken;
  return fullAt - now > rate.withinMs ? undefined : fullAt;
}

function withEntry(table: RateTable, key: string, fullAt: FullAt, now: number): RateTable {
  const at = shardOf(key);
  const shard = new Map(table.shards[at]);
  // Behind all others again: the one that was used longest ago makes room.
  shard.delete(key);
  shard.set(key, fullAt);
  if (shard.size > ENTRIES_PER_SHARD) makeRoom(shard, now);
  return { shards: table.shards.with(at, shard) };
}

function makeRoom(shard: Map<string, FullAt>, now: number): void {
  for (const [key, fullAt] of shard) if (fullAt <= now) shard.delete(key);
  for (const oldest of shard.keys()) {
    if (shard.size <= ENTRIES_PER_SHARD) break;
    shard.delete(oldest);
  }
}

/** FNV-1a: spreads keys evenly, which is all that is asked of it. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encodeUtf8(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % SHARDS;
}
