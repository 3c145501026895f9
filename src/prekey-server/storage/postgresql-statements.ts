// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses and bytes are parameters, never part of a statement.

import type { Statement } from './postgresql-pool.ts';

export const LOCK_ACCOUNT = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';

export const COUNT: Statement = {
  name: 'count',
  text: `
    SELECT count(*) AS n FROM prekey JOIN device ON device.id = prekey.device_id
    WHERE identity = $1 AND owner_tag = $2 AND public_key = $3`,
};

export const READ = {
  devices: `
    SELECT id, owner_tag, public_key, client_expires_at, prekey_expires_at, valid_until
    FROM device WHERE identity = $1 FOR UPDATE`,
  prekeys: 'SELECT prekey_id, body FROM prekey WHERE device_id = $1 AND prekey_id = ANY($2)',
  count: 'SELECT count(*) AS n FROM prekey WHERE device_id = $1',
  consumed: `
    SELECT prekey_id FROM consumed
    WHERE identity = $1 AND owner_tag = $2 AND public_key = $3 AND prekey_id = ANY($4)`,
} as const;

export const WRITE = {
  evict: 'DELETE FROM device WHERE identity = $1 AND owner_tag = $2',
  clearPrekeys: 'DELETE FROM prekey WHERE device_id = $1',
  clearProfiles: `
    UPDATE device SET client_profile = NULL, client_expires_at = NULL,
      prekey_profile = NULL, prekey_expires_at = NULL WHERE id = $1`,
  addDevice: `
    INSERT INTO device (identity, owner_tag, public_key, valid_until)
    VALUES ($1, $2, $3, $4) RETURNING id`,
  setDevice: `
    UPDATE device SET public_key = $2, valid_until = $3,
      client_profile = coalesce($4, client_profile),
      client_expires_at = coalesce($5, client_expires_at),
      prekey_profile = coalesce($6, prekey_profile),
      prekey_expires_at = coalesce($7, prekey_expires_at)
    WHERE id = $1`,
  addPrekeys: `
    INSERT INTO prekey (device_id, prekey_id, body)
    SELECT $1, new.id, new.body FROM unnest($2::bigint[], $3::bytea[]) AS new (id, body)`,
} as const;

/**
 * Takes, remembers and reads in one statement and so in one transaction, for several accounts, each named
 * once. A row that another instance is about to take is passed over, so that nobody waits and nobody gets
 * the same.
 */
export const TAKE: Statement = {
  name: 'take',
  text: `
    WITH asked AS (
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
        WITH ORDINALITY AS a (identity, owner_tag, now, reserve, n)
    ), chosen AS MATERIALIZED (
      SELECT a.n, a.identity, d.owner_tag, d.public_key, d.client_profile, d.client_expires_at,
        d.prekey_profile, m.id
      FROM asked a JOIN device d ON d.identity = a.identity CROSS JOIN LATERAL (
        SELECT k.id FROM prekey k WHERE k.device_id = d.id
        ORDER BY k.id LIMIT 1 FOR UPDATE SKIP LOCKED) m
      WHERE (a.owner_tag IS NULL OR d.owner_tag = a.owner_tag)
        AND d.client_expires_at > a.now AND d.prekey_expires_at > a.now
        AND (a.reserve = 0
          OR (SELECT count(*) FROM prekey k WHERE k.device_id = d.id) > a.reserve)
    ), taken AS (
      DELETE FROM prekey p USING chosen c WHERE p.id = c.id
      RETURNING c.n, c.identity, c.owner_tag, c.public_key, c.client_profile, c.client_expires_at,
        c.prekey_profile, p.prekey_id, p.body
    ), remembered AS (
      INSERT INTO consumed
      SELECT identity, owner_tag, public_key, prekey_id, client_expires_at + $5::bigint FROM taken
    )
    SELECT n, client_profile, prekey_profile, body FROM taken`,
};
