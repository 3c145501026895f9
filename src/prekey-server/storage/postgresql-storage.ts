// SPDX-License-Identifier: GPL-3.0-or-later

import type { PoolClient } from 'pg';
import { decidePublication, rememberConsumedUntil } from '#otr';
import type {
  CountCommand,
  PublishCommand,
  RawEnsemble,
  ShelfChange,
  StoredBeside,
  StoredProfile,
  StoredShelf,
} from '#otr';
import { type DeviceRow, toOtherDevice, toValidUntil } from './device-row.ts';
import { isDataError, PostgresqlPool } from './postgresql-pool.ts';
import { COUNT, LOCK_ACCOUNT, READ, TAKE, WRITE } from './postgresql-statements.ts';
import { sweepPostgresql } from './postgresql-sweep.ts';
import type { PrekeyStorage, TakeOrder } from './storage.ts';
import { type DatedOrder, TakesTogether } from './takes-together.ts';

interface EnsembleRow {
  /** Of the order, from 1 on. */
  readonly n: number;
  readonly client_profile: Uint8Array;
  readonly prekey_profile: Uint8Array;
  readonly body: Uint8Array;
}

/** One database for any number of instances. */
export class PostgresqlStorage implements PrekeyStorage {
  readonly #pool: PostgresqlPool;
  readonly #takes = new TakesTogether((orders) => takeAll(this.#pool, orders), isDataError);

  private constructor(pool: PostgresqlPool) {
    this.#pool = pool;
  }

  /** @param url postgresql://…, as libpq has it */
  static async open(url: string): Promise<PostgresqlStorage> {
    const pool = new PostgresqlPool(url);
    try {
      await pool.migrate();
      return new PostgresqlStorage(pool);
    } catch (cause) {
      await pool.close();
      throw cause;
    }
  }

  publish(command: PublishCommand, nowMs: number): Promise<'stored' | 'refused'> {
    return this.#pool.transaction(async (client) => {
      const { identity, ownerTag } = command.shelf;
      // No other publication of this account, not even of a device that has no row yet.
      await client.query(LOCK_ACCOUNT, [identity]);
      const { rows } = await client.query<DeviceRow>(READ.devices, [identity]);
      const row = rows.find(({ owner_tag }) => owner_tag === ownerTag);
      const others = rows.filter((other) => other !== row).map(toOtherDevice);
      // In this order: what is taken in between is found among the stored or among the consumed.
      const stored = row === undefined ? undefined : await readShelf(client, row, command);
      const isConsumed = await readConsumed(client, command);
      const decision = decidePublication(command, stored, { others, isConsumed }, nowMs);
      if (decision.tag === 'refused') return 'refused';
      const validUntil = toValidUntil(decision, row, nowMs);
      await write(client, command, decision, { known: row?.id, validUntil });
      return 'stored';
    });
  }

  async count({ shelf }: CountCommand): Promise<number> {
    const { identity, ownerTag, publicKey } = shelf;
    const values = [identity, ownerTag, publicKey];
    const [row] = await this.#pool.statement<{ readonly n: number }>(COUNT, values);
    return row?.n ?? 0;
  }

  take(order: TakeOrder, nowMs: number): Promise<readonly RawEnsemble[]> {
    return this.#takes.take(order, nowMs);
  }

  sweep(nowMs: number): Promise<number> {
    return sweepPostgresql(this.#pool, nowMs);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

async function takeAll(
  pool: PostgresqlPool,
  orders: readonly DatedOrder[],
): Promise<readonly (readonly RawEnsemble[])[]> {
  const rows = await pool.statement<EnsembleRow>(TAKE, [
    orders.map(({ order }) => order.identity),
    orders.map(({ order }) => order.ownerTag ?? null),
    orders.map(({ nowMs }) => nowMs),
    orders.map(({ order }) => order.reserve),
    rememberConsumedUntil(0),
  ]);
  const byOrder = Map.groupBy(rows, ({ n }) => n);
  return orders.map((_, n) => (byOrder.get(n + 1) ?? []).map(toEnsemble));
}

const toEnsemble = ({ client_profile, prekey_profile, body }: EnsembleRow): RawEnsemble => ({
  clientProfile: client_profile,
  prekeyProfile: prekey_profile,
  prekeyMessage: body,
});

const idsOf = ({ prekeyMessages }: PublishCommand): readonly number[] =>
  prekeyMessages.map(({ id }) => id);

async function readShelf(
  client: PoolClient,
  row: DeviceRow,
  command: PublishCommand,
): Promise<StoredShelf> {
  const known = await client.query<{ readonly prekey_id: number; readonly body: Uint8Array }>(
    READ.prekeys,
    [row.id, idsOf(command)],
  );
  const counted = await client.query<{ readonly n: number }>(READ.count, [row.id]);
  const bodies = new Map(known.rows.map(({ prekey_id, body }) => [prekey_id, body]));
  return {
    publicKey: row.public_key,
    clientProfileExpiresAt: row.client_expires_at ?? undefined,
    prekeyProfileExpiresAt: row.prekey_expires_at ?? undefined,
    count: counted.rows[0]?.n ?? 0,
    find: (id) => bodies.get(id),
  };
}

async function readConsumed(
  client: PoolClient,
  command: PublishCommand,
): Promise<StoredBeside['isConsumed']> {
  const { identity, ownerTag, publicKey } = command.shelf;
  const values = [identity, ownerTag, publicKey, idsOf(command)];
  const { rows } = await client.query<{ readonly prekey_id: number }>(READ.consumed, values);
  const ids = new Set(rows.map(({ prekey_id }) => prekey_id));
  return (id) => ids.has(id);
}

async function write(
  client: PoolClient,
  { shelf: { identity, ownerTag, publicKey } }: PublishCommand,
  change: ShelfChange,
  { known, validUntil }: { readonly known: number | undefined; readonly validUntil: number },
): Promise<void> {
  if (change.evict !== undefined) await client.query(WRITE.evict, [identity, change.evict]);
  if (change.clear && known !== undefined) {
    await client.query(WRITE.clearPrekeys, [known]);
    await client.query(WRITE.clearProfiles, [known]);
  }
  const id = known ?? (await addDevice(client, [identity, ownerTag, publicKey, validUntil]));
  const profiles = [...toColumns(change.clientProfile), ...toColumns(change.prekeyProfile)];
  await client.query(WRITE.setDevice, [id, publicKey, validUntil, ...profiles]);
  const ids = change.insert.map((message) => message.id);
  const bodies = change.insert.map(({ raw }) => Buffer.from(raw));
  await client.query(WRITE.addPrekeys, [id, ids, bodies]);
}

async function addDevice(client: PoolClient, values: readonly unknown[]): Promise<number> {
  const { rows } = await client.query<{ readonly id: number }>(WRITE.addDevice, [...values]);
  const [row] = rows;
  if (row === undefined) throw new RangeError('no device was added');
  return row.id;
}

/** Null leaves what is there. */
function toColumns(profile: StoredProfile | undefined): readonly (Uint8Array | number | null)[] {
  return profile === undefined ? [null, null] : [profile.raw, profile.expiresAt];
}
