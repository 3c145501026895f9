// SPDX-License-Identifier: GPL-3.0-or-later
import type { ConversationId } from '#shared/model/ids.ts';
import type { Db } from './database.ts';
import { type StoredMessage, toMessage } from './message-row.ts';
import type { AccountId, MessageId, MessageRow } from './rows.ts';
import { toMatchExpression } from './search-query.ts';

/** Messages that are looked through before the index of all is asked, … */
const NEWEST = 512;
/** … and bytes of their texts. */
const NEWEST_BYTES = 0x1_0000;

export interface SearchRequest {
  readonly account: AccountId;
  /** Only in this conversation; without it, in all of the account. */
  readonly conversation: ConversationId | undefined;
  /** As typed by the user. */
  readonly query: string;
  /** Only matches with a smaller id: the way to the next page. */
  readonly before: MessageId | undefined;
  readonly limit: number;
}

interface SearchParameters {
  readonly match: string;
  readonly account: number;
  readonly conversation: number | null;
  readonly before: number;
  readonly limit: number;
}

/**
 * The index gathers every message that has a word with the beginning asked for before it gives the
 * first one: in a long history that is slow just where a page of matches is soon found. So the
 * newest messages are indexed anew, in memory and for the one question, and only what has no full
 * page of matches there is looked up in the index of all.
 */
export class MessageSearch {
  readonly #inNewest;
  readonly #inAll;

  constructor(db: Db) {
    // Cuts words as `message_text` does: the two have to agree on what a match is.
    db.exec(
      `CREATE VIRTUAL TABLE IF NOT EXISTS temp.newest_text USING fts5 (
         text, content = '', tokenize = 'unicode61 remove_diacritics 2'
       )`,
    );
    const fill = db.prepare<[SearchParameters]>(
      `INSERT INTO temp.newest_text (rowid, text)
         SELECT m.id, m.text FROM message m JOIN (
           SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS bytes FROM (
             SELECT id, octet_length(text) AS bytes FROM message
               WHERE id < @before ORDER BY id DESC LIMIT ${String(NEWEST)}
           )
         ) newest ON newest.id = m.id
         WHERE newest.bytes <= ${String(NEWEST_BYTES)} ORDER BY m.id`,
    );
    const inNewest = prepareSearch(db, 'newest_text');
    const empty = db.prepare(`INSERT INTO temp.newest_text (newest_text) VALUES ('delete-all')`);
    this.#inNewest = db.transaction((parameters: SearchParameters) => {
      fill.run(parameters);
      const found = inNewest.all(parameters);
      empty.run();
      return found;
    });
    this.#inAll = prepareSearch(db, 'message_text');
  }

  /** Latest arrival first. Every word must occur; the last one may be just a beginning. */
  search({ account, query, limit, ...request }: SearchRequest): readonly MessageRow[] {
    const match = toMatchExpression(query);
    if (match === undefined) return [];
    const conversation = request.conversation ?? null;
    const before = request.before ?? Number.MAX_SAFE_INTEGER;
    const parameters = { match, account, conversation, before, limit };
    const newest = this.#inNewest(parameters);
    return (newest.length < limit ? this.#inAll.all(parameters) : newest).map(toMessage);
  }
}

const prepareSearch = (db: Db, index: 'message_text' | 'newest_text') =>
  db.prepare<[SearchParameters], StoredMessage>(
    `SELECT m.* FROM ${index} f
       JOIN message m ON m.id = f.rowid
       JOIN contact c ON c.id = m.conversation_id
       WHERE f.${index} MATCH @match AND f.rowid < @before AND c.account_id = @account
         AND (@conversation IS NULL OR m.conversation_id = @conversation)
       ORDER BY f.rowid DESC LIMIT @limit`,
  );
