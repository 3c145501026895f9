// SPDX-License-Identifier: GPL-3.0-or-later
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { Db } from './database.ts';
import type {
  AccountId,
  DeviceKey,
  PeerKey,
  Sighting,
  TrustRow,
  Verification,
  VerificationLogRow,
} from './rows.ts';
import type { Tx } from './unit-of-work.ts';

interface DeviceRow {
  readonly account_id: number;
  readonly peer: string;
  readonly instance_tag: number;
  readonly fingerprint: Uint8Array;
  readonly label: string | null;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
  readonly verified_at: number | null;
  readonly verified_method: VerificationMethod | null;
}

interface LogRow {
  readonly id: number;
  readonly account_id: number;
  readonly peer: string;
  readonly fingerprint: Uint8Array;
  readonly change: VerificationLogRow['change'];
  readonly method: VerificationMethod | null;
  readonly at: number;
}

/** The statements about keys alone. */
const prepareKeys = (db: Db) => ({
  add: db.prepare<[number, string, Uint8Array]>(
    `INSERT INTO peer_key (account_id, peer, fingerprint) VALUES (?, ?, ?)
     ON CONFLICT DO NOTHING`,
  ),
  setVerified: db.prepare<[number | null, VerificationMethod | null, number, string, Uint8Array]>(
    `UPDATE peer_key SET verified_at = ?, verified_method = ?
     WHERE account_id = ? AND peer = ? AND fingerprint = ?`,
  ),
  verified: db.prepare<
    [number, string, Uint8Array],
    Pick<DeviceRow, 'verified_at' | 'verified_method'>
  >(
    `SELECT verified_at, verified_method FROM peer_key
     WHERE account_id = ? AND peer = ? AND fingerprint = ?`,
  ),
  dropUnshown: db.prepare<[number, string, Uint8Array]>(
    `DELETE FROM peer_key WHERE account_id = ? AND peer = ? AND fingerprint = ?
       AND NOT EXISTS (SELECT 1 FROM peer_device d
                       WHERE d.account_id = peer_key.account_id AND d.peer = peer_key.peer
                         AND d.fingerprint = peer_key.fingerprint)`,
  ),
  forgetPeer: db.prepare<[number, string]>(
    `DELETE FROM peer_key WHERE account_id = ? AND peer = ?`,
  ),
});

/** What the user decided about peers' keys, and on which devices those keys were seen. */
export class TrustRepository {
  readonly #keys;
  readonly #devices;
  readonly #log;

  constructor(db: Db) {
    const selectDevices = `SELECT d.*, k.verified_at, k.verified_method
      FROM peer_device d JOIN peer_key k USING (account_id, peer, fingerprint)`;
    this.#keys = prepareKeys(db);
    this.#devices = {
      see: db.prepare<[Omit<Sighting, 'label'> & { readonly label: string | null }]>(
        `INSERT INTO peer_device (account_id, peer, instance_tag, fingerprint, label,
                                  first_seen_at, last_seen_at)
         VALUES (@accountId, @peer, @instanceTag, @fingerprint, @label, @at, @at)
         ON CONFLICT (account_id, peer, instance_tag, fingerprint) DO UPDATE SET
           label = coalesce(excluded.label, label),
           last_seen_at = max(last_seen_at, excluded.last_seen_at)`,
      ),
      ofPeer: db.prepare<[number, string], DeviceRow>(
        `${selectDevices} WHERE account_id = ? AND peer = ?
         ORDER BY last_seen_at DESC, instance_tag`,
      ),
      ofAccount: db.prepare<[number], DeviceRow>(
        `${selectDevices} WHERE account_id = ? ORDER BY peer, last_seen_at DESC, instance_tag`,
      ),
      forget: db.prepare<[number, string, number]>(
        `DELETE FROM peer_device WHERE account_id = ? AND peer = ? AND instance_tag = ?`,
      ),
      setLabel: db.prepare<[string | null, number, string, number]>(
        `UPDATE peer_device SET label = ?
         WHERE account_id = ? AND peer = ? AND instance_tag = ?`,
      ),
    };
    this.#log = {
      add: db.prepare<[Omit<LogRow, 'id'>]>(
        `INSERT INTO verification_log (account_id, peer, fingerprint, change, method, at)
         VALUES (@account_id, @peer, @fingerprint, @change, @method, @at)`,
      ),
      ofAccount: db.prepare<[number], LogRow>(
        `SELECT * FROM verification_log WHERE account_id = ? ORDER BY id`,
      ),
      clear: db.prepare<[number]>(`DELETE FROM verification_log WHERE account_id = ?`),
    };
  }

  /** Call only for keys proven in an authenticated exchange; an older instant never moves back. */
  see(_tx: Tx, sighting: Sighting): void {
    this.#keys.add.run(sighting.accountId, sighting.peer, sighting.fingerprint);
    this.#devices.see.run({ ...sighting, label: sighting.label ?? null });
  }

  /** One row for each device and key, the device seen last first. */
  ofPeer(account: AccountId, peer: BareJid): readonly TrustRow[] {
    return this.#devices.ofPeer.all(account, peer).map(toTrust);
  }

  ofAccount(account: AccountId): readonly TrustRow[] {
    return this.#devices.ofAccount.all(account).map(toTrust);
  }

  /** How this key was verified, if it was. Unknown keys are not. */
  verification(key: PeerKey): Verification | undefined {
    const row = this.#keys.verified.get(key.accountId, key.peer, key.fingerprint);
    return row && toVerification(row);
  }

  /** Works for a key that was never seen too (a scanned code may come before the first session). */
  verify(_tx: Tx, key: PeerKey, verification: Verification): void {
    this.#keys.add.run(key.accountId, key.peer, key.fingerprint);
    const { at, method } = verification;
    this.#keys.setVerified.run(at, method, key.accountId, key.peer, key.fingerprint);
  }

  withdraw(_tx: Tx, key: PeerKey): void {
    this.#keys.setVerified.run(null, null, key.accountId, key.peer, key.fingerprint);
  }

  saveLabel(_tx: Tx, device: Pick<TrustRow, 'accountId' | 'peer' | 'instanceTag' | 'label'>): void {
    const { accountId, peer, instanceTag, label } = device;
    this.#devices.setLabel.run(label ?? null, accountId, peer, instanceTag);
  }

  /** The device and its keys, with the trust in those that no other device has shown. */
  forgetDevice(_tx: Tx, { accountId, peer, instanceTag }: DeviceKey): void {
    const shown = this.ofPeer(accountId, peer).filter((row) => row.instanceTag === instanceTag);
    this.#devices.forget.run(accountId, peer, instanceTag);
    for (const { fingerprint } of shown) this.#keys.dropUnshown.run(accountId, peer, fingerprint);
  }

  forgetPeer(_tx: Tx, account: AccountId, peer: BareJid): void {
    this.#keys.forgetPeer.run(account, peer);
  }

  /** Only when the user has the log switched on; the caller asks the setting. */
  appendLog(_tx: Tx, entry: Omit<VerificationLogRow, 'id'>): void {
    this.#log.add.run({
      account_id: entry.accountId,
      peer: entry.peer,
      fingerprint: entry.fingerprint,
      change: entry.change,
      method: entry.method ?? null,
      at: entry.at,
    });
  }

  log(account: AccountId): readonly VerificationLogRow[] {
    return this.#log.ofAccount.all(account).map((row) => ({
      id: row.id,
      accountId: row.account_id as AccountId,
      peer: row.peer as BareJid,
      fingerprint: row.fingerprint,
      change: row.change,
      method: row.method ?? undefined,
      at: row.at,
    }));
  }

  /** Switching the log off forgets it as a whole; single entries cannot be edited. */
  clearLog(_tx: Tx, account: AccountId): void {
    this.#log.clear.run(account);
  }
}

function toVerification(
  row: Pick<DeviceRow, 'verified_at' | 'verified_method'>,
): Verification | undefined {
  if (row.verified_at === null || row.verified_method === null) return undefined;
  return { at: row.verified_at, method: row.verified_method };
}

function toTrust(row: DeviceRow): TrustRow {
  return {
    accountId: row.account_id as AccountId,
    peer: row.peer as BareJid,
    instanceTag: row.instance_tag,
    fingerprint: row.fingerprint,
    label: row.label ?? undefined,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    verified: toVerification(row),
  };
}
