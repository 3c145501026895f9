// SPDX-License-Identifier: GPL-3.0-or-later
import type { Subscription } from '#shared/model/contact.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { AcceptRule, KeepRule, OtrRule, SendTo } from '#shared/model/rules.ts';
import type { Db } from './database.ts';
import type { AccountId, ContactRow, RosterItem, RuleOverrides, SendToRow } from './rows.ts';
import type { Tx } from './unit-of-work.ts';

interface Row {
  readonly id: number;
  readonly account_id: number;
  readonly jid: string;
  readonly name: string | null;
  readonly subscription: Subscription;
  readonly asked: 0 | 1;
  readonly roster_groups: string;
  readonly in_roster: 0 | 1;
  readonly rule_otr: OtrRule | null;
  readonly rule_accept: AcceptRule | null;
  readonly verified_only: 0 | 1 | null;
  readonly keep: KeepRule | null;
  readonly live_only: 0 | 1 | null;
  readonly send_to: SendTo | null;
  readonly send_to_device: number | null;
  readonly used_otr: 0 | 1;
  readonly blocked: 0 | 1;
}

type RosterColumns = Pick<
  Row,
  'account_id' | 'jid' | 'name' | 'subscription' | 'asked' | 'roster_groups'
>;
type RuleColumns = Pick<
  Row,
  'id' | 'rule_otr' | 'rule_accept' | 'verified_only' | 'keep' | 'live_only'
>;

/**
 * Contacts: the roster as the server last told it, and what the user decided about each person.
 * The two live in one row but never overwrite each other.
 */
export class ContactRepository {
  readonly #db;

  constructor(db: Db) {
    this.#db = {
      all: db.prepare<[number], Row>(`SELECT * FROM contact WHERE account_id = ? ORDER BY jid`),
      one: db.prepare<[number, string], Row>(
        `SELECT * FROM contact WHERE account_id = ? AND jid = ?`,
      ),
      saveItem: db.prepare<[RosterColumns]>(
        `INSERT INTO contact (account_id, jid, name, subscription, asked, roster_groups, in_roster)
         VALUES (@account_id, @jid, @name, @subscription, @asked, @roster_groups, 1)
         ON CONFLICT (account_id, jid) DO UPDATE SET
           name = excluded.name, subscription = excluded.subscription, asked = excluded.asked,
           roster_groups = excluded.roster_groups, in_roster = 1`,
      ),
      leaveRoster: db.prepare<[number, string]>(
        `UPDATE contact SET in_roster = 0, name = NULL, subscription = 'none', asked = 0,
                            roster_groups = '[]'
         WHERE account_id = ? AND jid = ?`,
      ),
      inRoster: db.prepare<[number], Pick<Row, 'jid'>>(
        `SELECT jid FROM contact WHERE account_id = ? AND in_roster = 1`,
      ),
      add: db.prepare<[number, string]>(
        `INSERT INTO contact (account_id, jid) VALUES (?, ?) ON CONFLICT DO NOTHING`,
      ),
      strangers: db.prepare<[number], { readonly count: number }>(
        `SELECT count(*) AS count FROM contact WHERE account_id = ? AND in_roster = 0`,
      ),
      byId: db.prepare<[number], Row>(`SELECT * FROM contact WHERE id = ?`),
      saveRules: db.prepare<[RuleColumns]>(
        `UPDATE contact SET rule_otr = @rule_otr, rule_accept = @rule_accept,
                            verified_only = @verified_only, keep = @keep,
                            live_only = @live_only
         WHERE id = @id`,
      ),
      saveSendTo: db.prepare<[SendTo, number | null, number]>(
        `UPDATE contact SET send_to = ?, send_to_device = ? WHERE id = ?`,
      ),
      markUsedOtr: db.prepare<[number]>(`UPDATE contact SET used_otr = 1 WHERE id = ?`),
      setBlocked: db.prepare<[0 | 1, number]>(`UPDATE contact SET blocked = ? WHERE id = ?`),
      remove: db.prepare<[number]>(`DELETE FROM contact WHERE id = ?`),
    };
  }

  list(account: AccountId): readonly ContactRow[] {
    return this.#db.all.all(account).map(toContact);
  }

  /** How many people outside the roster are remembered. */
  countStrangers(account: AccountId): number {
    return this.#db.strangers.get(account)?.count ?? 0;
  }

  get(id: ConversationId): ContactRow | undefined {
    const row = this.#db.byId.get(id);
    return row && toContact(row);
  }

  byJid(account: AccountId, jid: BareJid): ContactRow | undefined {
    const row = this.#db.one.get(account, jid);
    return row && toContact(row);
  }

  /** Finds the row of this address or makes one outside the roster. */
  ensure(_tx: Tx, account: AccountId, jid: BareJid): ConversationId {
    this.#db.add.run(account, jid);
    const row = this.#db.one.get(account, jid);
    if (row === undefined) throw new TypeError('a contact vanished inside its transaction');
    return row.id as ConversationId;
  }

  /** The whole roster: whoever is missing from it leaves the roster but keeps rules and trust. */
  replaceRoster(tx: Tx, account: AccountId, items: readonly RosterItem[]): void {
    const present = new Set<string>(items.map((item) => item.jid));
    for (const { jid } of this.#db.inRoster.all(account)) {
      if (!present.has(jid)) this.#db.leaveRoster.run(account, jid);
    }
    for (const item of items) this.saveRosterItem(tx, account, item);
  }

  /** One roster push. */
  saveRosterItem(_tx: Tx, account: AccountId, item: RosterItem): void {
    this.#db.saveItem.run({
      account_id: account,
      jid: item.jid,
      name: item.name ?? null,
      subscription: item.subscription,
      asked: item.asked ? 1 : 0,
      roster_groups: JSON.stringify(item.groups),
    });
  }

  leaveRoster(_tx: Tx, account: AccountId, jid: BareJid): void {
    this.#db.leaveRoster.run(account, jid);
  }

  saveRules(_tx: Tx, id: ConversationId, rules: RuleOverrides): void {
    this.#db.saveRules.run({
      id,
      rule_otr: rules.otr ?? null,
      rule_accept: rules.accept ?? null,
      verified_only: toFlag(rules.verifiedOnly),
      keep: rules.keep ?? null,
      live_only: toFlag(rules.liveOnly),
    });
  }

  saveSendTo(_tx: Tx, id: ConversationId, sendTo: SendToRow): void {
    this.#db.saveSendTo.run(sendTo.rule, sendTo.rule === 'chosen' ? sendTo.tag : null, id);
  }

  /** Never taken back: whoever has spoken OTR once is no longer an ordinary plain contact. */
  markUsedOtr(_tx: Tx, id: ConversationId): void {
    this.#db.markUsedOtr.run(id);
  }

  saveBlocked(_tx: Tx, id: ConversationId, blocked: boolean): void {
    this.#db.setBlocked.run(blocked ? 1 : 0, id);
  }

  /** Forgets the person: rules and history. What is known of their keys stays with `trust`. */
  remove(_tx: Tx, id: ConversationId): void {
    this.#db.remove.run(id);
  }
}

const toFlag = (value: boolean | undefined): 0 | 1 | null =>
  value === undefined ? null : value ? 1 : 0;

const fromFlag = (value: 0 | 1 | null): boolean | undefined =>
  value === null ? undefined : value === 1;

function toContact(row: Row): ContactRow {
  return {
    id: row.id as ConversationId,
    accountId: row.account_id as AccountId,
    jid: row.jid as BareJid,
    name: row.name ?? undefined,
    subscription: row.subscription,
    asked: row.asked === 1,
    groups: JSON.parse(row.roster_groups) as readonly string[],
    inRoster: row.in_roster === 1,
    rules: {
      otr: row.rule_otr ?? undefined,
      accept: row.rule_accept ?? undefined,
      verifiedOnly: fromFlag(row.verified_only),
      keep: row.keep ?? undefined,
      liveOnly: fromFlag(row.live_only),
    },
    sendTo: toSendTo(row),
    usedOtr: row.used_otr === 1,
    blocked: row.blocked === 1,
  };
}

function toSendTo({ send_to: rule, send_to_device: tag }: Row): SendToRow {
  if (rule === 'chosen' && tag !== null) return { rule, tag };
  return { rule: rule === 'last-active' ? rule : 'verified' };
}
