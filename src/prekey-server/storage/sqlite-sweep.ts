// SPDX-License-Identifier: GPL-3.0-or-later

import { PREKEYS_WITHOUT_PROFILE_MS, SWEEP_BATCH } from './device-row.ts';
import type { Db } from './sqlite-database.ts';

/** Each removes one batch of rows, by what its instant says. */
const BATCHES = [
  `UPDATE device SET client_profile = NULL, client_expires_at = NULL WHERE id IN (
     SELECT id FROM device WHERE client_expires_at <= @now LIMIT @batch)`,
  `UPDATE device SET prekey_profile = NULL, prekey_expires_at = NULL WHERE id IN (
     SELECT id FROM device WHERE prekey_expires_at <= @now LIMIT @batch)`,
  `DELETE FROM prekey WHERE id IN (
     SELECT k.id FROM device d JOIN prekey k ON k.device_id = d.id
     WHERE d.valid_until <= @dead LIMIT @batch)`,
  `DELETE FROM device WHERE id IN (
     SELECT id FROM device WHERE valid_until <= @dead LIMIT @batch)`,
  `DELETE FROM consumed WHERE (identity, owner_tag, public_key, prekey_id) IN (
     SELECT identity, owner_tag, public_key, prekey_id FROM consumed
     WHERE forget_at <= @now LIMIT @batch)`,
] as const;

/** Removes what has expired. Between two batches others may write. @returns rows removed or emptied */
export function sweepSqlite(db: Db, nowMs: number): Promise<number> {
  const dead = nowMs - PREKEYS_WITHOUT_PROFILE_MS;
  return BATCHES.reduce(async (before, sql) => {
    let rows = await before;
    const statement = db.prepare(sql);
    for (;;) {
      const { changes } = statement.run({ now: nowMs, dead, batch: SWEEP_BATCH });
      rows += changes;
      if (changes < SWEEP_BATCH) return rows;
      await new Promise(setImmediate);
    }
  }, Promise.resolve(0));
}
