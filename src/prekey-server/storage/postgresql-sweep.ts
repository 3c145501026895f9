// SPDX-License-Identifier: GPL-3.0-or-later

import { PREKEYS_WITHOUT_PROFILE_MS, SWEEP_BATCH } from './device-row.ts';
import { LOCKS, type PostgresqlPool } from './postgresql-pool.ts';

/** Each removes one batch of rows and passes over those that somebody works on. */
const BATCHES = [
  [
    'now',
    `UPDATE device SET client_profile = NULL, client_expires_at = NULL WHERE id IN (
       SELECT id FROM device WHERE client_expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  ],
  [
    'now',
    `UPDATE device SET prekey_profile = NULL, prekey_expires_at = NULL WHERE id IN (
       SELECT id FROM device WHERE prekey_expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  ],
  [
    'dead',
    `DELETE FROM prekey WHERE id IN (
       SELECT k.id FROM device d JOIN prekey k ON k.device_id = d.id
       WHERE d.valid_until <= $1 LIMIT $2 FOR UPDATE OF k SKIP LOCKED)`,
  ],
  [
    'dead',
    `DELETE FROM device WHERE id IN (
       SELECT id FROM device WHERE valid_until <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  ],
  [
    'now',
    `DELETE FROM consumed WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM consumed WHERE forget_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))`,
  ],
] as const;

/** Removes what has expired, unless another instance is at it. @returns rows removed or emptied */
export async function sweepPostgresql(pool: PostgresqlPool, nowMs: number): Promise<number> {
  const until = { now: nowMs, dead: nowMs - PREKEYS_WITHOUT_PROFILE_MS };
  let rows = 0;
  for (const [which, sql] of BATCHES) {
    for (;;) {
      const removed = await removeBatch(pool, sql, until[which]);
      rows += removed;
      if (removed < SWEEP_BATCH) break;
    }
  }
  return rows;
}

function removeBatch(pool: PostgresqlPool, sql: string, until: number): Promise<number> {
  return pool.transaction(async (client) => {
    const { rows } = await client.query<{ readonly locked: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS locked',
      [LOCKS.sweep],
    );
    if (rows[0]?.locked !== true) return 0;
    const { rowCount } = await client.query(sql, [until, SWEEP_BATCH]);
    return rowCount ?? 0;
  });
}
