// SPDX-License-Identifier: GPL-3.0-or-later
import type { Db } from './database.ts';
import type { AccountId, IdentityRow } from './rows.ts';
import { toPlain } from './to-plain.ts';
import type { Tx } from './unit-of-work.ts';

interface Row {
  readonly account_id: number;
  readonly long_term_seed: Uint8Array;
  readonly forging_public: Uint8Array;
  readonly forging_seed: Uint8Array | null;
  readonly client_profile: Uint8Array;
  readonly client_profile_expires_at: number;
}

/** Each account's own keys and its current Client Profile. */
export class IdentityRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      upsert: db.prepare<[Row]>(
        `INSERT INTO identity (account_id, long_term_seed, forging_public, forging_seed,
                               client_profile, client_profile_expires_at)
         VALUES (@account_id, @long_term_seed, @forging_public, @forging_seed,
                 @client_profile, @client_profile_expires_at)
         ON CONFLICT (account_id) DO UPDATE SET
           long_term_seed = excluded.long_term_seed,
           forging_public = excluded.forging_public,
           forging_seed = excluded.forging_seed,
           client_profile = excluded.client_profile,
           client_profile_expires_at = excluded.client_profile_expires_at`,
      ),
      byAccount: db.prepare<[number], Row>(`SELECT * FROM identity WHERE account_id = ?`),
      setProfile: db.prepare<[Uint8Array, number, number]>(
        `UPDATE identity SET client_profile = ?, client_profile_expires_at = ?
         WHERE account_id = ?`,
      ),
      dropForgingSeed: db.prepare<[number]>(
        `UPDATE identity SET forging_seed = NULL WHERE account_id = ?`,
      ),
    };
  }

  save(_tx: Tx, identity: IdentityRow): void {
    this.#db.upsert.run({
      account_id: identity.accountId,
      long_term_seed: identity.longTermSeed,
      forging_public: identity.forgingPublic,
      forging_seed: identity.forgingSeed ?? null,
      client_profile: identity.clientProfile,
      client_profile_expires_at: identity.clientProfileExpiresAt,
    });
  }

  /** Holds secret seeds: wipe the arrays after use. */
  load(account: AccountId): IdentityRow | undefined {
    const row = this.#db.byAccount.get(account);
    return (
      row && {
        accountId: account,
        longTermSeed: toPlain(row.long_term_seed),
        forgingPublic: toPlain(row.forging_public),
        forgingSeed: row.forging_seed === null ? undefined : toPlain(row.forging_seed),
        clientProfile: toPlain(row.client_profile),
        clientProfileExpiresAt: row.client_profile_expires_at,
      }
    );
  }

  saveClientProfile(_tx: Tx, account: AccountId, profile: Uint8Array, expiresAt: number): void {
    this.#db.setProfile.run(profile, expiresAt, account);
  }

  /** The user chose to destroy the forging key; `secure_delete` overwrites the page. */
  forgetForgingSeed(_tx: Tx, account: AccountId): void {
    this.#db.dropForgingSeed.run(account);
  }
}
