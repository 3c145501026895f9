// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';
import type { AccountId, NewPrekeyRow, NewPublicationRow, PublicationRow } from './rows.ts';
import { toPlain } from './to-plain.ts';
import type { Tx } from './unit-of-work.ts';

interface PrekeyColumns {
  readonly message: Uint8Array;
  readonly ecdh_secret: Uint8Array;
  readonly dh_secret: Uint8Array;
}

interface PublicationColumns {
  readonly client_profile: Uint8Array;
  readonly prekey_profile: Uint8Array;
  readonly shared_seed: Uint8Array;
  readonly state: PublicationRow['state'];
  readonly kept_until: number;
}

const toPublication = (row: PublicationColumns): PublicationRow => ({
  clientProfile: toPlain(row.client_profile),
  prekeyProfile: toPlain(row.prekey_profile),
  sharedSeed: toPlain(row.shared_seed),
  state: row.state,
  keptUntil: row.kept_until,
});

/** What is still out there, or may be: everything that no server is known to have handed out. */
const OUT = `state <> 'handed-out'`;

const prepareKeys = (db: Db) => ({
  add: db.prepare<[number, number, Uint8Array, Uint8Array, Uint8Array, number]>(
    `INSERT INTO own_prekey (account_id, prekey_id, message, ecdh_secret, dh_secret, state, kept_until)
         VALUES (?, ?, ?, ?, ?, 'sent', ?)`,
  ),
  confirm: db.prepare<[number, number]>(
    `UPDATE own_prekey SET state = 'confirmed'
         WHERE account_id = ? AND prekey_id = ? AND state = 'sent'`,
  ),
  byId: db.prepare<[number, number, number], PrekeyColumns>(
    `SELECT message, ecdh_secret, dh_secret FROM own_prekey
         WHERE account_id = ? AND prekey_id = ? AND kept_until > ?`,
  ),
  forget: db.prepare<[number, number]>(
    `DELETE FROM own_prekey WHERE account_id = ? AND prekey_id = ?`,
  ),
  ids: db.prepare<[number], { readonly prekey_id: number }>(
    `SELECT prekey_id FROM own_prekey WHERE account_id = ?`,
  ),
  out: db.prepare<[number], { readonly count: number }>(
    `SELECT count(*) AS count FROM own_prekey WHERE account_id = ? AND ${OUT}`,
  ),
  cover: db.prepare<[number, number]>(
    `UPDATE own_prekey SET kept_until = max(kept_until, ?) WHERE account_id = ? AND ${OUT}`,
  ),
  handOut: db.prepare<
    [{ readonly account: number; readonly left: number; readonly keptUntil: number }]
  >(
    `UPDATE own_prekey SET state = 'handed-out', kept_until = @keptUntil
         WHERE id IN (
           SELECT id FROM own_prekey WHERE account_id = @account AND ${OUT}
           ORDER BY id DESC LIMIT -1 OFFSET @left)`,
  ),
  purge: db.prepare<[number, number]>(
    `DELETE FROM own_prekey WHERE account_id = ? AND kept_until <= ?`,
  ),
  erase: db.prepare<[number]>(`DELETE FROM own_prekey WHERE account_id = ?`),
});

const preparePublications = (db: Db) => ({
  add: db.prepare<[number, Uint8Array, Uint8Array, Uint8Array, number]>(
    `INSERT INTO own_publication
           (account_id, client_profile, prekey_profile, shared_seed, state, kept_until)
         VALUES (?, ?, ?, ?, 'sent', ?) ON CONFLICT DO NOTHING`,
  ),
  confirm: db.prepare<[number, Uint8Array]>(
    `UPDATE own_publication SET state = 'confirmed'
         WHERE account_id = ? AND prekey_profile = ?`,
  ),
  newest: db.prepare<[number], PublicationColumns>(
    `SELECT client_profile, prekey_profile, shared_seed, state, kept_until
         FROM own_publication WHERE account_id = ? ORDER BY id DESC LIMIT 1`,
  ),
  confirmed: db.prepare<[number], Pick<PublicationColumns, 'client_profile' | 'prekey_profile'>>(
    `SELECT client_profile, prekey_profile FROM own_publication
         WHERE account_id = ? AND state = 'confirmed' ORDER BY id DESC LIMIT 1`,
  ),
  all: db.prepare<[number], PublicationColumns>(
    `SELECT client_profile, prekey_profile, shared_seed, state, kept_until
         FROM own_publication WHERE account_id = ? ORDER BY id DESC`,
  ),
  purge: db.prepare<[number, number]>(
    `DELETE FROM own_publication WHERE account_id = ? AND kept_until <= ?`,
  ),
  erase: db.prepare<[number]>(`DELETE FROM own_publication WHERE account_id = ?`),
});

/** Our one-time keys and the publications that cover them. All that is loaded is secret: wipe it. */
export class PrekeyRepository {
  readonly #keys;
  readonly #publications;

  constructor(db: Db) {
    this.#keys = prepareKeys(db);
    this.#publications = preparePublications(db);
  }

  /** They are about to leave: from the end of the transaction on, a server may hand them out. */
  addSent(_tx: Tx, account: AccountId, prekeys: readonly NewPrekeyRow[]): void {
    for (const { prekeyId, message, ecdhSecret, dhSecret, keptUntil } of prekeys) {
      this.#keys.add.run(account, prekeyId, message, ecdhSecret, dhSecret, keptUntil);
    }
  }

  confirm(_tx: Tx, account: AccountId, prekeyIds: readonly number[]): void {
    for (const prekeyId of prekeyIds) this.#keys.confirm.run(account, prekeyId);
  }

  /** Undefined: unknown, used, or over. */
  load(
    account: AccountId,
    prekeyId: number,
    now: number,
  ): Pick<NewPrekeyRow, 'message' | 'ecdhSecret' | 'dhSecret'> | undefined {
    const row = this.#keys.byId.get(account, prekeyId, now);
    return (
      row && {
        message: toPlain(row.message),
        ecdhSecret: toPlain(row.ecdh_secret),
        dhSecret: toPlain(row.dh_secret),
      }
    );
  }

  forget(_tx: Tx, account: AccountId, prekeyId: number): void {
    this.#keys.forget.run(account, prekeyId);
  }

  /** Ids that must not be given to other keys. */
  ids(account: AccountId): ReadonlySet<number> {
    return new Set(this.#keys.ids.all(account).map(({ prekey_id }) => prekey_id));
  }

  /** How many are out there, as far as we know. */
  countOut(account: AccountId): number {
    return this.#keys.out.get(account)?.count ?? 0;
  }

  /** A profile that is published covers all that are out there: they are kept as long as it is. */
  cover(_tx: Tx, account: AccountId, keptUntil: number): void {
    this.#keys.cover.run(keptUntil, account);
  }

  /** The server has so many `left`. Servers hand out the oldest first, so all others are under way. */
  noteLeft(_tx: Tx, account: AccountId, left: number, keptUntil: number): void {
    this.#keys.handOut.run({ account, left, keptUntil });
  }

  /** Profiles that are about to leave. The same ones may leave again. */
  addPublication(_tx: Tx, account: AccountId, row: NewPublicationRow): void {
    const { clientProfile, prekeyProfile, sharedSeed, keptUntil } = row;
    this.#publications.add.run(account, clientProfile, prekeyProfile, sharedSeed, keptUntil);
  }

  confirmPublication(_tx: Tx, account: AccountId, prekeyProfile: Uint8Array): void {
    this.#publications.confirm.run(account, prekeyProfile);
  }

  /** All that are kept, the newest first. */
  publications(account: AccountId): readonly PublicationRow[] {
    return this.#publications.all.all(account).map(toPublication);
  }

  newestPublication(account: AccountId): PublicationRow | undefined {
    const row = this.#publications.newest.get(account);
    return row && toPublication(row);
  }

  /** The profiles that a server said it has. */
  confirmedProfiles(
    account: AccountId,
  ): Pick<PublicationRow, 'clientProfile' | 'prekeyProfile'> | undefined {
    const row = this.#publications.confirmed.get(account);
    return (
      row && {
        clientProfile: toPlain(row.client_profile),
        prekeyProfile: toPlain(row.prekey_profile),
      }
    );
  }

  /** What is over is gone; `secure_delete` overwrites it. */
  purge(_tx: Tx, account: AccountId, now: number): void {
    this.#keys.purge.run(account, now);
    this.#publications.purge.run(account, now);
  }

  /** Nothing of the kind is used any more. */
  eraseAll(_tx: Tx, account: AccountId): void {
    this.#keys.erase.run(account);
    this.#publications.erase.run(account);
  }
}
