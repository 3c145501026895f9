// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';
import type { AccountId, PrekeyServerRow, PublishingRow } from './rows.ts';
import { toPlain } from './to-plain.ts';
import type { Tx } from './unit-of-work.ts';

interface ServerColumns {
  readonly jid: string;
  readonly domain: string;
  readonly fingerprint: Uint8Array;
  readonly proposed: Uint8Array | null;
  readonly stopped: 0 | 1;
}

interface PublishingColumns {
  readonly server: string | null;
  readonly checked_at: number | null;
  readonly stored: number | null;
  readonly published_until: number | null;
  readonly failures: number;
  readonly failure: PublishingRow['failure'] | null;
  readonly failed_at: number | null;
}

const toServer = (row: ServerColumns): PrekeyServerRow => ({
  jid: row.jid,
  domain: row.domain,
  fingerprint: toPlain(row.fingerprint),
  proposed: row.proposed === null ? undefined : toPlain(row.proposed),
  stopped: row.stopped === 1,
});

/** Which key each prekey server had, what the user said about it, and how publishing stands. */
export class PrekeyServerRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      pin: db.prepare<[number, string, string, Uint8Array, number]>(
        `INSERT INTO prekey_server (account_id, jid, domain, fingerprint, pinned_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
      ),
      propose: db.prepare<[Uint8Array | null, number, string]>(
        `UPDATE prekey_server SET proposed = ? WHERE account_id = ? AND jid = ?`,
      ),
      accept: db.prepare<[number, number, string]>(
        `UPDATE prekey_server SET pinned_at = iif(proposed IS NULL, pinned_at, ?),
           fingerprint = coalesce(proposed, fingerprint), proposed = NULL, stopped = 0
         WHERE account_id = ? AND jid = ?`,
      ),
      stop: db.prepare<[number, string]>(
        `UPDATE prekey_server SET stopped = 1 WHERE account_id = ? AND jid = ?`,
      ),
      all: db.prepare<[number], ServerColumns>(
        `SELECT jid, domain, fingerprint, proposed, stopped FROM prekey_server
         WHERE account_id = ? ORDER BY jid`,
      ),
      get: db.prepare<[number, string], ServerColumns>(
        `SELECT jid, domain, fingerprint, proposed, stopped FROM prekey_server
         WHERE account_id = ? AND jid = ?`,
      ),
      publishing: db.prepare<[number], PublishingColumns>(
        `SELECT * FROM publishing WHERE account_id = ?`,
      ),
      savePublishing: db.prepare<[PublishingColumns & { readonly account: number }]>(
        `INSERT INTO publishing
           (account_id, server, checked_at, stored, published_until, failures, failure, failed_at)
         VALUES (@account, @server, @checked_at, @stored, @published_until, @failures, @failure, @failed_at)
         ON CONFLICT DO UPDATE SET server = excluded.server, checked_at = excluded.checked_at,
           stored = excluded.stored, published_until = excluded.published_until,
           failures = excluded.failures, failure = excluded.failure, failed_at = excluded.failed_at`,
      ),
    };
  }

  get(account: AccountId, jid: string): PrekeyServerRow | undefined {
    const row = this.#db.get.get(account, jid);
    return row && toServer(row);
  }

  all(account: AccountId): readonly PrekeyServerRow[] {
    return this.#db.all.all(account).map(toServer);
  }

  /** The first key counts; what comes later is proposed. */
  pin(
    _tx: Tx,
    account: AccountId,
    { jid, domain, fingerprint }: Pick<PrekeyServerRow, 'jid' | 'domain' | 'fingerprint'>,
    at: number,
  ): void {
    this.#db.pin.run(account, jid, domain, fingerprint, at);
  }

  /** Undefined: it announces the key it had. */
  propose(_tx: Tx, account: AccountId, jid: string, fingerprint: Uint8Array | undefined): void {
    this.#db.propose.run(fingerprint ?? null, account, jid);
  }

  /** The user goes on with this server, under the key it announced last. */
  accept(_tx: Tx, account: AccountId, jid: string, at: number): void {
    this.#db.accept.run(at, account, jid);
  }

  stop(_tx: Tx, account: AccountId, jid: string): void {
    this.#db.stop.run(account, jid);
  }

  publishing(account: AccountId): PublishingRow | undefined {
    const row = this.#db.publishing.get(account);
    return (
      row && {
        server: row.server ?? undefined,
        checkedAt: row.checked_at ?? undefined,
        stored: row.stored ?? undefined,
        publishedUntil: row.published_until ?? undefined,
        failures: row.failures,
        failure: row.failure ?? undefined,
        failedAt: row.failed_at ?? undefined,
      }
    );
  }

  savePublishing(_tx: Tx, account: AccountId, row: PublishingRow): void {
    this.#db.savePublishing.run({
      account,
      server: row.server ?? null,
      checked_at: row.checkedAt ?? null,
      stored: row.stored ?? null,
      published_until: row.publishedUntil ?? null,
      failures: row.failures,
      failure: row.failure ?? null,
      failed_at: row.failedAt ?? null,
    });
  }
}
