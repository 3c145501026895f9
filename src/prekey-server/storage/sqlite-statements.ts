// SPDX-License-Identifier: GPL-3.0-or-later

import type { Statement } from 'better-sqlite3';
import type { DeviceRow } from './device-row.ts';
import type { Db } from './sqlite-database.ts';

export interface TakenRow {
  readonly device_id: number;
  readonly prekey_id: number;
  readonly body: Uint8Array;
}

export interface ProfileRow {
  readonly owner_tag: number;
  readonly public_key: Uint8Array;
  readonly client_profile: Uint8Array;
  readonly client_expires_at: number;
  readonly prekey_profile: Uint8Array;
}

interface TakeParameters {
  readonly identity: string;
  readonly tag: number | null;
  readonly now: number;
  readonly reserve: number;
}

interface ProfileParameters {
  readonly id: number | bigint;
  readonly key: Uint8Array;
  readonly validUntil: number;
  readonly client: Uint8Array | null;
  readonly clientEnd: number | null;
  readonly prekey: Uint8Array | null;
  readonly prekeyEnd: number | null;
}

/** Each is prepared once. Addresses and bytes are parameters, never part of a statement. */
export interface SqliteStatements {
  readonly devices: Statement<[identity: string], DeviceRow>;
  readonly countOf: Statement<[deviceId: number], { readonly n: number }>;
  readonly find: Statement<[deviceId: number, prekeyId: number], { readonly body: Uint8Array }>;
  readonly isConsumed: Statement<[string, number, Uint8Array, number]>;
  readonly addDevice: Statement<[string, number, Uint8Array, number]>;
  readonly setDevice: Statement<[ProfileParameters]>;
  readonly clearPrekeys: Statement<[deviceId: number]>;
  readonly clearProfiles: Statement<[deviceId: number]>;
  readonly evict: Statement<[identity: string, tag: number]>;
  readonly addPrekey: Statement<[deviceId: number | bigint, prekeyId: number, body: Uint8Array]>;
  readonly count: Statement<[string, number, Uint8Array], { readonly n: number }>;
  readonly take: Statement<[TakeParameters], TakenRow>;
  readonly profiles: Statement<[deviceId: number], ProfileRow>;
  readonly remember: Statement<[string, number, Uint8Array, number, number]>;
}

export function prepareStatements(db: Db): SqliteStatements {
  return {
    devices: db.prepare(
      `SELECT id, owner_tag, public_key, client_expires_at, prekey_expires_at, valid_until
       FROM device WHERE identity = ?`,
    ),
    countOf: db.prepare('SELECT count(*) AS n FROM prekey WHERE device_id = ?'),
    find: db.prepare('SELECT body FROM prekey WHERE device_id = ? AND prekey_id = ?'),
    isConsumed: db.prepare(
      `SELECT 1 FROM consumed
       WHERE identity = ? AND owner_tag = ? AND public_key = ? AND prekey_id = ?`,
    ),
    addDevice: db.prepare(
      'INSERT INTO device (identity, owner_tag, public_key, valid_until) VALUES (?, ?, ?, ?)',
    ),
    setDevice: db.prepare(
      `UPDATE device SET public_key = @key, valid_until = @validUntil,
         client_profile = coalesce(@client, client_profile),
         client_expires_at = coalesce(@clientEnd, client_expires_at),
         prekey_profile = coalesce(@prekey, prekey_profile),
         prekey_expires_at = coalesce(@prekeyEnd, prekey_expires_at)
       WHERE id = @id`,
    ),
    clearPrekeys: db.prepare('DELETE FROM prekey WHERE device_id = ?'),
    clearProfiles: db.prepare(
      `UPDATE device SET client_profile = NULL, client_expires_at = NULL,
         prekey_profile = NULL, prekey_expires_at = NULL WHERE id = ?`,
    ),
    evict: db.prepare('DELETE FROM device WHERE identity = ? AND owner_tag = ?'),
    addPrekey: db.prepare('INSERT INTO prekey (device_id, prekey_id, body) VALUES (?, ?, ?)'),
    count: db.prepare(
      `SELECT count(*) AS n FROM prekey JOIN device ON device.id = prekey.device_id
       WHERE identity = ? AND owner_tag = ? AND public_key = ?`,
    ),
    take: db.prepare(
      `DELETE FROM prekey WHERE id IN (
         SELECT (SELECT min(k.id) FROM prekey k WHERE k.device_id = d.id) FROM device d
         WHERE d.identity = @identity AND (@tag IS NULL OR d.owner_tag = @tag)
           AND d.client_expires_at > @now AND d.prekey_expires_at > @now
           AND (@reserve = 0 OR (SELECT count(*) FROM prekey k WHERE k.device_id = d.id) > @reserve))
       RETURNING device_id, prekey_id, body`,
    ),
    profiles: db.prepare(
      `SELECT owner_tag, public_key, client_profile, client_expires_at, prekey_profile
       FROM device WHERE id = ?`,
    ),
    remember: db.prepare('INSERT INTO consumed VALUES (?, ?, ?, ?, ?)'),
  };
}
