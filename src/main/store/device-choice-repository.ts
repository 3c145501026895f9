// SPDX-License-Identifier: GPL-3.0-or-later
import type { BareJid } from '#shared/model/jid.ts';
import type { Db } from './database.ts';
import type { AccountId, DeviceChoice, DeviceKey } from './rows.ts';
import type { Tx } from './unit-of-work.ts';

interface Row {
  readonly instance_tag: number;
  readonly nickname: string | null;
  readonly blocked: 0 | 1;
  readonly use: 'allowed' | 'ignored' | null;
  readonly resource: string | null;
}

const UNDECIDED: DeviceChoice = {
  nickname: undefined,
  blocked: false,
  use: undefined,
  resource: undefined,
};

/** What the user decided about single devices of contacts. It outlives keys, lists and contacts. */
export class DeviceChoiceRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      ofPeer: db.prepare<[number, string], Row>(
        `SELECT instance_tag, nickname, blocked, use, resource FROM device_choice
         WHERE account_id = ? AND peer = ?`,
      ),
      save: db.prepare<[Row & { readonly account: number; readonly peer: string }]>(
        `INSERT INTO device_choice (account_id, peer, instance_tag, nickname, blocked, use, resource)
         VALUES (@account, @peer, @instance_tag, @nickname, @blocked, @use, @resource)
         ON CONFLICT DO UPDATE SET nickname = excluded.nickname, blocked = excluded.blocked,
           use = excluded.use, resource = excluded.resource`,
      ),
      leave: db.prepare<[number, string, string, number]>(
        `UPDATE device_choice SET resource = NULL
         WHERE account_id = ? AND peer = ? AND resource = ? AND instance_tag <> ?`,
      ),
      forget: db.prepare<[number, string, number]>(
        `DELETE FROM device_choice WHERE account_id = ? AND peer = ? AND instance_tag = ?`,
      ),
    };
  }

  /** By instance tag. */
  ofPeer(account: AccountId, peer: BareJid): ReadonlyMap<number, DeviceChoice> {
    return new Map(
      this.#db.ofPeer.all(account, peer).map((row) => [
        row.instance_tag,
        {
          nickname: row.nickname ?? undefined,
          blocked: row.blocked === 1,
          use: row.use ?? undefined,
          resource: row.resource ?? undefined,
        },
      ]),
    );
  }

  of({ accountId, peer, instanceTag }: DeviceKey): DeviceChoice {
    return this.ofPeer(accountId, peer).get(instanceTag) ?? UNDECIDED;
  }

  save(_tx: Tx, key: DeviceKey, change: Partial<DeviceChoice>): void {
    const { nickname, blocked, use, resource } = { ...this.of(key), ...change };
    this.#db.save.run({
      account: key.accountId,
      peer: key.peer,
      instance_tag: key.instanceTag,
      nickname: nickname ?? null,
      blocked: blocked ? 1 : 0,
      use: use ?? null,
      resource: resource ?? null,
    });
  }

  /** A resource is one device's at a time. */
  saveResource(tx: Tx, key: DeviceKey, resource: string): void {
    this.#db.leave.run(key.accountId, key.peer, resource, key.instanceTag);
    this.save(tx, key, { resource });
  }

  forget(_tx: Tx, { accountId, peer, instanceTag }: DeviceKey): void {
    this.#db.forget.run(accountId, peer, instanceTag);
  }
}
