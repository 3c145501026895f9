// SPDX-License-Identifier: GPL-3.0-or-later
import type { BareJid } from '#shared/model/jid.ts';
import type { Db } from './database.ts';
import type { AccountId, DeviceKey, ListedDeviceRow, NewDeviceList } from './rows.ts';
import type { Tx } from './unit-of-work.ts';

interface Row {
  readonly instance_tag: number;
  readonly label: string | null;
  readonly first_seen_at: number;
  readonly last_listed_at: number;
  readonly place: number | null;
  readonly noted: 0 | 1;
}

/** How long a device that is no longer listed is remembered and shown (ux 2.5.8). */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** And how many of them: whoever writes a list can change it as often as they like. */
const MAX_UNLISTED = 64;

/** That a device which has proven a key was taken off the list is never forgotten. */
const NOT_MET = `NOT EXISTS (
  SELECT 1 FROM peer_device d
  WHERE d.account_id = listed_device.account_id AND d.peer = listed_device.peer
    AND d.instance_tag = listed_device.instance_tag)`;

/** The newest list of devices of each account that we know. @see xep X-34 */
export class DeviceListRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      unlist: db.prepare<[number, string]>(
        `UPDATE listed_device SET place = NULL WHERE account_id = ? AND peer = ?`,
      ),
      list: db.prepare<
        [
          {
            readonly account: number;
            readonly peer: string;
            readonly tag: number;
            readonly label: string | null;
            readonly at: number;
            readonly place: number;
            readonly noted: 0 | 1;
          },
        ]
      >(
        `INSERT INTO listed_device (account_id, peer, instance_tag, label, first_seen_at,
                                    last_listed_at, place, noted)
         VALUES (@account, @peer, @tag, @label, @at, @at, @place, @noted)
         ON CONFLICT (account_id, peer, instance_tag) DO UPDATE SET
           label = excluded.label,
           last_listed_at = max(last_listed_at, excluded.last_listed_at),
           place = excluded.place`,
      ),
      expire: db.prepare<[number, string, number]>(
        `DELETE FROM listed_device
         WHERE account_id = ? AND peer = ? AND place IS NULL AND last_listed_at < ?
           AND ${NOT_MET}`,
      ),
      limit: db.prepare<[{ readonly account: number; readonly peer: string }]>(
        `DELETE FROM listed_device
         WHERE account_id = @account AND peer = @peer AND instance_tag IN (
           SELECT instance_tag FROM listed_device
           WHERE account_id = @account AND peer = @peer AND place IS NULL AND ${NOT_MET}
           ORDER BY last_listed_at DESC, instance_tag LIMIT -1 OFFSET ${String(MAX_UNLISTED)})`,
      ),
      ofPeer: db.prepare<[number, string], Row>(
        `SELECT instance_tag, label, first_seen_at, last_listed_at, place, noted
         FROM listed_device WHERE account_id = ? AND peer = ?
         ORDER BY place IS NULL, place, last_listed_at DESC, instance_tag`,
      ),
      forgetUnlisted: db.prepare<[number, string, number]>(
        `DELETE FROM listed_device
         WHERE account_id = ? AND peer = ? AND instance_tag = ? AND place IS NULL`,
      ),
      setNoted: db.prepare<[0 | 1, number, string, number]>(
        `UPDATE listed_device SET noted = ?
         WHERE account_id = ? AND peer = ? AND instance_tag = ?`,
      ),
    };
  }

  /** Takes the place of the list before. Devices that it does not name are remembered for a while. */
  replace(_tx: Tx, { accountId, peer, devices, at, noted }: NewDeviceList): void {
    this.#db.unlist.run(accountId, peer);
    for (const [place, { tag, label }] of devices.entries()) {
      this.#db.list.run({
        account: accountId,
        peer,
        tag,
        label: label ?? null,
        at,
        place,
        noted: noted(tag) ? 1 : 0,
      });
    }
    this.#db.expire.run(accountId, peer, at - KEPT_MS);
    this.#db.limit.run({ account: accountId, peer });
  }

  /** Those that are listed, in the order of the list; then those that were, the newest first. */
  ofPeer(account: AccountId, peer: BareJid): readonly ListedDeviceRow[] {
    return this.#db.ofPeer.all(account, peer).map((row) => ({
      tag: row.instance_tag,
      label: row.label ?? undefined,
      firstSeenAt: row.first_seen_at,
      lastListedAt: row.last_listed_at,
      listed: row.place !== null,
      noted: row.noted === 1,
    }));
  }

  /** What is listed now stays: it is the contact's to say. */
  forgetUnlisted(_tx: Tx, { accountId, peer, instanceTag }: DeviceKey): void {
    this.#db.forgetUnlisted.run(accountId, peer, instanceTag);
  }

  saveNoted(
    _tx: Tx,
    { accountId, peer }: Pick<NewDeviceList, 'accountId' | 'peer'>,
    tag: number,
    noted: boolean,
  ): void {
    this.#db.setNoted.run(noted ? 1 : 0, accountId, peer, tag);
  }
}
