// SPDX-License-Identifier: GPL-3.0-or-later
import type { BareJid } from '#shared/model/jid.ts';
import type { Db } from './database.ts';
import type { AccountId, DeviceKey } from './rows.ts';
import type { Tx } from './unit-of-work.ts';

export interface SealedSession {
  readonly instanceTag: number;
  readonly sealed: Uint8Array;
}

interface NameRow {
  readonly peer: BareJid;
  readonly instance_tag: number;
}

interface Row {
  readonly instance_tag: number;
  readonly sealed: Uint8Array;
}

/** Sessions that began while one side was away: bytes that the engine has sealed. */
export class SealedSessionRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      key: db.prepare<[number], { readonly key: Uint8Array }>(
        'SELECT key FROM session_key WHERE account_id = ?',
      ),
      saveKey: db.prepare<[number, Uint8Array]>(
        'INSERT INTO session_key (account_id, key) VALUES (?, ?)',
      ),
      told: db.prepare<[number], { readonly told: 0 | 1 }>(
        'SELECT told FROM session_key WHERE account_id = ?',
      ),
      saveTold: db.prepare<[number]>('UPDATE session_key SET told = 1 WHERE account_id = ?'),
      names: db.prepare<[number], NameRow>(
        `SELECT peer, instance_tag FROM sealed_session
         WHERE account_id = ? ORDER BY peer, instance_tag`,
      ),
      ofPeer: db.prepare<[number, string], Row>(
        `SELECT instance_tag, sealed FROM sealed_session
         WHERE account_id = ? AND peer = ? ORDER BY instance_tag`,
      ),
      save: db.prepare<[number, string, number, Uint8Array]>(
        `INSERT INTO sealed_session (account_id, peer, instance_tag, sealed) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      ),
      remove: db.prepare<[number, string, number]>(
        `DELETE FROM sealed_session WHERE account_id = ? AND peer = ? AND instance_tag = ?`,
      ),
    };
  }

  /** The key they are sealed under: 32 bytes, the caller's to wipe. Undefined before the first session. */
  loadKey(account: AccountId): Uint8Array | undefined {
    return this.#db.key.get(account)?.key;
  }

  /** Once for each account. */
  saveKey(_tx: Tx, account: AccountId, key: Uint8Array): void {
    this.#db.saveKey.run(account, key);
  }

  /** Whether the user knows what beginning a chat with somebody who is away means. */
  isTold(account: AccountId): boolean {
    return this.#db.told.get(account)?.told === 1;
  }

  saveTold(_tx: Tx, account: AccountId): void {
    this.#db.saveTold.run(account);
  }

  /** Of whom there are any, by their devices. */
  names(account: AccountId): readonly Pick<DeviceKey, 'peer' | 'instanceTag'>[] {
    return this.#db.names
      .all(account)
      .map(({ peer, instance_tag: instanceTag }) => ({ peer, instanceTag }));
  }

  ofPeer(account: AccountId, peer: BareJid): readonly SealedSession[] {
    return this.#db.ofPeer
      .all(account, peer)
      .map(({ instance_tag: instanceTag, sealed }) => ({ instanceTag, sealed }));
  }

  /** In the place of what was kept of the same device before. */
  save(_tx: Tx, { accountId, peer, instanceTag }: DeviceKey, sealed: Uint8Array): void {
    this.#db.save.run(accountId, peer, instanceTag, sealed);
  }

  remove(_tx: Tx, { accountId, peer, instanceTag }: DeviceKey): void {
    this.#db.remove.run(accountId, peer, instanceTag);
  }
}
