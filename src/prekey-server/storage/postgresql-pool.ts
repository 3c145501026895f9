// SPDX-License-Identifier: GPL-3.0-or-later

import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient, TypeOverrides, types } from 'pg';
import { POSTGRESQL_MIGRATIONS } from './postgresql-schema.ts';

/** In milliseconds. Who asks waits this long at most, then is told that the store is not there. */
const PATIENCE = 5_000;
const PAUSE = 100;
const CONNECTIONS = 10;

/** Locks that all instances on one database share; the numbers only have to differ. */
export const LOCKS = { migration: 0x736f7431, sweep: 0x736f7432 } as const;

/** What is asked often. A name stands for one text only. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** The database, through a few connections that come back by themselves. */
export class PostgresqlPool {
  readonly #pool: Pool;

  constructor(url: string) {
    const parsers = new TypeOverrides();
    // Our numbers fit into 53 bits: instants in milliseconds, and 32-bit ids.
    parsers.setTypeParser(types.builtins.INT8, Number);
    this.#pool = new Pool({
      connectionString: url,
      types: parsers,
      max: CONNECTIONS,
      connectionTimeoutMillis: PATIENCE,
      statement_timeout: PATIENCE,
      query_timeout: PATIENCE + 1_000,
      keepAlive: true,
      application_name: 'sotto-prekey-server',
    });
    // An idle connection that breaks is replaced by the next that is needed.
    this.#pool.on('error', () => undefined);
  }

  /** Brings the tables up to date. Of instances that start at once, one does it. */
  async migrate(): Promise<void> {
    await this.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.migration]);
      await client.query('CREATE TABLE IF NOT EXISTS prekey_schema (version integer NOT NULL)');
      const { rows } = await client.query<{ version: number }>('SELECT version FROM prekey_schema');
      const version = rows[0]?.version ?? 0;
      if (version > POSTGRESQL_MIGRATIONS.length) {
        throw new RangeError('the database was written by a later version of this program');
      }
      for (const sql of POSTGRESQL_MIGRATIONS.slice(version)) await client.query(sql);
      await client.query('DELETE FROM prekey_schema');
      await client.query('INSERT INTO prekey_schema VALUES ($1)', [POSTGRESQL_MIGRATIONS.length]);
    });
  }

  /** One statement, which is one transaction. Each connection plans it once. */
  async statement<Row extends object>(
    { name, text }: Statement,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    return this.#patiently(async (client) => {
      const { rows } = await client.query<Row>({ name, text, values: [...values] });
      return rows;
    });
  }

  /** All of `work` or none of it; again, if the database gave it up for reasons of its own. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#patiently(async (client) => {
      await client.query('BEGIN');
      try {
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (cause) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw cause;
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Tries again while it is certain that nothing was done. */
  async #patiently<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const deadlineAt = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await this.#once(work);
      } catch (cause) {
        if (!wasUndone(cause) || performance.now() + PAUSE > deadlineAt) throw cause;
        await pause(PAUSE);
      }
    }
  }

  async #once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    // The pool listens to those that are idle. Between two statements of ours nobody else does, and an
    // error that nobody hears would end the program.
    client.on('error', heard);
    let broken = true;
    try {
      const result = await work(client);
      broken = false;
      return result;
    } catch (cause) {
      // What the database itself says leaves the connection sound, unless it says goodbye.
      broken = !(isDatabaseError(cause) && !cause.code.startsWith('57P'));
      throw cause;
    } finally {
      client.off('error', heard);
      client.release(broken);
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (cause) {
      throw new NotConnected({ cause });
    }
  }
}

/** The next statement says it too. */
const heard = (): void => undefined;

/** Nothing was asked, since nobody was there. */
class NotConnected extends Error {
  override readonly name = 'NotConnected';
  constructor(options: ErrorOptions) {
    super('no connection to the database', options);
  }
}

interface DatabaseError extends Error {
  /** SQLSTATE: five digits and letters. */
  readonly code: string;
}

function isDatabaseError(cause: unknown): cause is DatabaseError {
  return cause instanceof Error && 'code' in cause && /^[0-9A-Z]{5}$/.test(String(cause.code));
}

/** The values are none that the database can hold: nothing was done, and never will be. */
export const isDataError = (cause: unknown): boolean =>
  isDatabaseError(cause) && cause.code.startsWith('22');

/** Serialisation failures and deadlocks, a database that ends or begins, one that may not write. */
const UNDONE = /^(?:40001|40P01|57P01|57P02|57P03|25006|53300|55P03)$/;

function wasUndone(cause: unknown): boolean {
  return cause instanceof NotConnected || (isDatabaseError(cause) && UNDONE.test(cause.code));
}
