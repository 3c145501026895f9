// SPDX-License-Identifier: GPL-3.0-or-later
import type { AccountMode } from '#shared/model/account.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { Db } from './database.ts';
import type {
  AccountId,
  AccountRow,
  ArchiveMark,
  NewAccount,
  RememberedWay,
  ServerOverride,
} from './rows.ts';
import type { Tx } from './unit-of-work.ts';

interface Row {
  readonly id: number;
  readonly jid: string;
  readonly server_host: string | null;
  readonly server_port: number | null;
  readonly server_tls: 'starttls' | 'direct' | null;
  readonly server_url: string | null;
  readonly allow_plain: 0 | 1;
  readonly mode: AccountMode;
  readonly created_at: number;
  readonly resource: string;
  readonly device_label: string;
  readonly instance_tag: number;
}

interface NewColumns {
  readonly credentials: Uint8Array | null;
  readonly leaves_keys: 0 | 1;
}

type ServerColumns = Pick<Row, 'server_host' | 'server_port' | 'server_tls' | 'server_url'>;

/** Everything but the credentials, which leave the store only when asked for by name. */
const COLUMNS =
  'id, jid, server_host, server_port, server_tls, server_url, allow_plain, mode, created_at, ' +
  'resource, device_label, instance_tag';

/** The accounts of this profile. */
export class AccountRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      insert: db.prepare<[Omit<Row, 'id'> & NewColumns]>(
        `INSERT INTO account (jid, server_host, server_port, server_tls, server_url, allow_plain, mode,
                              created_at, resource, device_label, instance_tag, credentials,
                              leaves_keys)
         VALUES (@jid, @server_host, @server_port, @server_tls, @server_url, @allow_plain, @mode,
                 @created_at, @resource, @device_label, @instance_tag, @credentials,
                 @leaves_keys)`,
      ),
      all: db.prepare<[], Row>(`SELECT ${COLUMNS} FROM account ORDER BY id`),
      byId: db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM account WHERE id = ?`),
      byJid: db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM account WHERE jid = ?`),
      credentials: db.prepare<[number], { readonly credentials: Uint8Array | null }>(
        `SELECT credentials FROM account WHERE id = ?`,
      ),
      setCredentials: db.prepare<[Uint8Array | null, number]>(
        `UPDATE account SET credentials = ? WHERE id = ?`,
      ),
      setServer: db.prepare<[ServerColumns & { readonly id: number }]>(
        `UPDATE account SET server_host = @server_host, server_port = @server_port,
                            server_tls = @server_tls, server_url = @server_url,
                            way = NULL, way_found_at = NULL
         WHERE id = @id`,
      ),
      way: db.prepare<[number], RememberedWay>(
        `SELECT way, way_found_at AS foundAt FROM account WHERE id = ? AND way IS NOT NULL`,
      ),
      setWay: db.prepare<[string, number, number]>(
        `UPDATE account SET way = ?, way_found_at = ? WHERE id = ?`,
      ),
      archive: db.prepare<[number], ArchiveMark>(
        `SELECT archive_id AS id, archive_at AS at FROM account
         WHERE id = ? AND archive_id IS NOT NULL`,
      ),
      setArchive: db.prepare<[string, number, number]>(
        `UPDATE account SET archive_id = ?, archive_at = ? WHERE id = ?`,
      ),
      setMode: db.prepare<[AccountMode, number]>(`UPDATE account SET mode = ? WHERE id = ?`),
      leavesKeys: db.prepare<[number], { readonly leaves_keys: 0 | 1 }>(
        `SELECT leaves_keys FROM account WHERE id = ?`,
      ),
      setLeavesKeys: db.prepare<[0 | 1, number]>(`UPDATE account SET leaves_keys = ? WHERE id = ?`),
      setDevice: db.prepare<[string, string, number]>(
        `UPDATE account SET resource = ?, device_label = ? WHERE id = ?`,
      ),
      remove: db.prepare<[number]>(`DELETE FROM account WHERE id = ?`),
    };
  }

  /** Throws SqliteError when the address is already there: check `byJid` first. */
  add(_tx: Tx, account: NewAccount): AccountId {
    const { lastInsertRowid } = this.#db.insert.run({
      jid: account.jid,
      ...toColumns(account.server),
      allow_plain: account.allowPlain ? 1 : 0,
      mode: account.mode,
      created_at: account.createdAt,
      resource: account.resource,
      device_label: account.deviceLabel,
      instance_tag: account.instanceTag,
      credentials: account.credentials ?? null,
      leaves_keys: account.leavesKeys === false ? 0 : 1,
    });
    return Number(lastInsertRowid) as AccountId;
  }

  list(): readonly AccountRow[] {
    return this.#db.all.all().map(toAccount);
  }

  get(id: AccountId): AccountRow | undefined {
    const row = this.#db.byId.get(id);
    return row && toAccount(row);
  }

  byJid(jid: BareJid): AccountRow | undefined {
    const row = this.#db.byJid.get(jid);
    return row && toAccount(row);
  }

  /** Secret: wipe the array after use. */
  loadCredentials(id: AccountId): Uint8Array | undefined {
    return this.#db.credentials.get(id)?.credentials ?? undefined;
  }

  saveCredentials(_tx: Tx, id: AccountId, credentials: Uint8Array | undefined): void {
    this.#db.setCredentials.run(credentials ?? null, id);
  }

  saveServer(_tx: Tx, id: AccountId, server: ServerOverride | undefined): void {
    this.#db.setServer.run({ ...toColumns(server), id });
  }

  loadWay(id: AccountId): RememberedWay | undefined {
    return this.#db.way.get(id);
  }

  saveWay(_tx: Tx, id: AccountId, { way, foundAt }: RememberedWay): void {
    this.#db.setWay.run(way, foundAt, id);
  }

  loadArchiveMark(id: AccountId): ArchiveMark | undefined {
    return this.#db.archive.get(id);
  }

  saveArchiveMark(_tx: Tx, id: AccountId, mark: ArchiveMark): void {
    this.#db.setArchive.run(mark.id, mark.at, id);
  }

  saveMode(_tx: Tx, id: AccountId, mode: AccountMode): void {
    this.#db.setMode.run(mode, id);
  }

  /** Whether one-time keys of ours are left for contacts who write while we are away. */
  leavesKeys(id: AccountId): boolean {
    return this.#db.leavesKeys.get(id)?.leaves_keys === 1;
  }

  saveLeavesKeys(_tx: Tx, id: AccountId, leavesKeys: boolean): void {
    this.#db.setLeavesKeys.run(leavesKeys ? 1 : 0, id);
  }

  saveDevice(_tx: Tx, id: AccountId, device: Pick<AccountRow, 'resource' | 'deviceLabel'>): void {
    this.#db.setDevice.run(device.resource, device.deviceLabel, id);
  }

  /** With everything that hangs on it: keys, contacts, trust, history. */
  remove(_tx: Tx, id: AccountId): void {
    this.#db.remove.run(id);
  }
}

function toAccount(row: Row): AccountRow {
  return {
    id: row.id as AccountId,
    jid: row.jid as BareJid,
    server: toServer(row),
    allowPlain: row.allow_plain === 1,
    mode: row.mode,
    createdAt: row.created_at,
    resource: row.resource,
    deviceLabel: row.device_label,
    instanceTag: row.instance_tag,
  };
}

function toColumns(server: ServerOverride | undefined): ServerColumns {
  const none = { server_host: null, server_port: null, server_tls: null, server_url: null };
  if (server === undefined) return none;
  if (server.tls === 'websocket') return { ...none, server_url: server.url };
  return { ...none, server_host: server.host, server_port: server.port, server_tls: server.tls };
}

function toServer(row: Row): ServerOverride | undefined {
  const { server_host: host, server_port: port, server_tls: tls, server_url: url } = row;
  if (url !== null) return { tls: 'websocket', url };
  if (host === null || port === null || tls === null) return undefined;
  return { host, port, tls };
}
