// SPDX-License-Identifier: GPL-3.0-or-later

import { decidePublication, rememberConsumedUntil } from '#otr';
import type {
  CountCommand,
  PublishCommand,
  RawEnsemble,
  ShelfChange,
  StoredProfile,
  StoredShelf,
} from '#otr';
import { type DeviceRow, toOtherDevice, toValidUntil } from './device-row.ts';
import { type Db, openSqlite } from './sqlite-database.ts';
import { prepareStatements, type SqliteStatements, type TakenRow } from './sqlite-statements.ts';
import { sweepSqlite } from './sqlite-sweep.ts';
import type { PrekeyStorage, TakeOrder } from './storage.ts';
import { TakesTogether } from './takes-together.ts';

/** One file for one program, or a few on the same machine. */
export class SqliteStorage implements PrekeyStorage {
  readonly #db: Db;
  readonly #statements: SqliteStatements;
  readonly #takes = new TakesTogether((orders) =>
    settle(() =>
      this.#immediately(() => orders.map(({ order, nowMs }) => this.#take(order, nowMs))),
    ),
  );

  private constructor(db: Db) {
    this.#db = db;
    this.#statements = prepareStatements(db);
  }

  /** @param key 32 bytes, lent; undefined for a file in clear */
  static open(path: string, key?: Uint8Array): SqliteStorage {
    return new SqliteStorage(openSqlite(path, key));
  }

  publish(command: PublishCommand, nowMs: number): Promise<'stored' | 'refused'> {
    return settle(() => this.#immediately(() => this.#publish(command, nowMs)));
  }

  count({ shelf }: CountCommand): Promise<number> {
    const { identity, ownerTag, publicKey } = shelf;
    return settle(() => this.#statements.count.get(identity, ownerTag, publicKey)?.n ?? 0);
  }

  take(order: TakeOrder, nowMs: number): Promise<readonly RawEnsemble[]> {
    return this.#takes.take(order, nowMs);
  }

  sweep(nowMs: number): Promise<number> {
    return sweepSqlite(this.#db, nowMs);
  }

  close(): Promise<void> {
    return settle(() => {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
      this.#db.close();
    });
  }

  /** The right to write is taken first: what is read cannot change before what is written. */
  #immediately<T>(work: () => T): T {
    return this.#db.transaction(work).immediate();
  }

  #publish(command: PublishCommand, nowMs: number): 'stored' | 'refused' {
    const { identity, ownerTag, publicKey } = command.shelf;
    const rows = this.#statements.devices.all(identity);
    const row = rows.find(({ owner_tag }) => owner_tag === ownerTag);
    const others = rows.filter((other) => other !== row).map(toOtherDevice);
    const isConsumed = (id: number): boolean =>
      this.#statements.isConsumed.get(identity, ownerTag, publicKey, id) !== undefined;
    const stored = row === undefined ? undefined : this.#toShelf(row);
    const decision = decidePublication(command, stored, { others, isConsumed }, nowMs);
    if (decision.tag === 'refused') return 'refused';
    this.#write(command, decision, row, toValidUntil(decision, row, nowMs));
    return 'stored';
  }

  #toShelf(row: DeviceRow): StoredShelf {
    return {
      publicKey: row.public_key,
      clientProfileExpiresAt: row.client_expires_at ?? undefined,
      prekeyProfileExpiresAt: row.prekey_expires_at ?? undefined,
      count: this.#statements.countOf.get(row.id)?.n ?? 0,
      find: (id) => this.#statements.find.get(row.id, id)?.body,
    };
  }

  #write(
    { shelf: { identity, ownerTag, publicKey } }: PublishCommand,
    change: ShelfChange,
    row: DeviceRow | undefined,
    validUntil: number,
  ): void {
    const statements = this.#statements;
    if (change.evict !== undefined) statements.evict.run(identity, change.evict);
    if (change.clear && row !== undefined) {
      statements.clearPrekeys.run(row.id);
      statements.clearProfiles.run(row.id);
    }
    const id =
      row?.id ??
      statements.addDevice.run(identity, ownerTag, publicKey, validUntil).lastInsertRowid;
    const [client, clientEnd] = toColumns(change.clientProfile);
    const [prekey, prekeyEnd] = toColumns(change.prekeyProfile);
    const profiles = { client, clientEnd, prekey, prekeyEnd };
    statements.setDevice.run({ id, key: publicKey, validUntil, ...profiles });
    for (const { id: prekeyId, raw } of change.insert) statements.addPrekey.run(id, prekeyId, raw);
  }

  #take({ identity, ownerTag, reserve }: TakeOrder, nowMs: number): readonly RawEnsemble[] {
    return this.#statements.take
      .all({ identity, tag: ownerTag ?? null, now: nowMs, reserve })
      .map((taken) => this.#complete(identity, taken));
  }

  /** In the transaction that deleted the prekey: it is remembered, and its profiles are read. */
  #complete(identity: string, { device_id, prekey_id, body }: TakenRow): RawEnsemble {
    const device = this.#statements.profiles.get(device_id);
    if (device === undefined) throw new RangeError('a prekey of no device');
    const { owner_tag, public_key, client_expires_at } = device;
    const until = rememberConsumedUntil(client_expires_at);
    this.#statements.remember.run(identity, owner_tag, public_key, prekey_id, until);
    return {
      clientProfile: device.client_profile,
      prekeyProfile: device.prekey_profile,
      prekeyMessage: body,
    };
  }
}

/** Null leaves what is there. */
function toColumns(
  profile: StoredProfile | undefined,
): readonly [raw: Uint8Array | null, expiresAt: number | null] {
  return profile === undefined ? [null, null] : [profile.raw, profile.expiresAt];
}

/** SQLite does its work at once; a promise says what came of it, as with any other store. */
function settle<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
