// SPDX-License-Identifier: GPL-3.0-or-later
import type { ConversationId } from '#shared/model/ids.ts';
import type { Db } from './database.ts';
import { type StoredMessage, toDeliveryColumns, toMessage } from './message-row.ts';
import { MessageSearch, type SearchRequest } from './message-search.ts';
import type {
  AccountId,
  ConversationSummary,
  Direction,
  MessageCopy,
  MessageId,
  MessageRow,
  NewMessage,
  StoredDelivery,
} from './rows.ts';
import type { Tx } from './unit-of-work.ts';

/** Rows per page of a conversation. */
export const PAGE_SIZE = 50;

export interface PageRequest {
  readonly conversation: ConversationId;
  /** Only what is older than this message; without it, the newest. */
  readonly before: MessageId | undefined;
  readonly limit: number;
}

/** The plain history. Off-the-record text has no place here: the schema refuses it. */
export class MessageRepository {
  readonly #read;
  readonly #search;
  readonly #write;

  constructor(db: Db) {
    this.#read = prepareReads(db);
    this.#search = new MessageSearch(db);
    this.#write = prepareWrites(db);
  }

  add(_tx: Tx, message: NewMessage): MessageId {
    const { lastInsertRowid } = this.#write.insert.run({
      conversation_id: message.conversationId,
      direction: message.direction,
      text: message.text,
      at: message.at,
      ...toDeliveryColumns(message.delivery),
      stanza_id: message.stanzaId ?? null,
      plain_inside: message.plainInside ? 1 : 0,
      archive_id: message.archiveId ?? null,
    });
    return Number(lastInsertRowid) as MessageId;
  }

  get(id: MessageId): MessageRow | undefined {
    const row = this.#read.byId.get(id);
    return row && toMessage(row);
  }

  /**
   * The same message, if it is here already: by its name in the archive, else by the one its sender
   * gave it. Of others the text has to agree as well, for their names are unique by courtesy only.
   */
  findCopy({ conversationId, direction, text, ...names }: MessageCopy): MessageId | undefined {
    const { archiveId, stanzaId } = names;
    const archived =
      archiveId === undefined ? undefined : this.#read.byArchiveId.get(conversationId, archiveId);
    if (archived !== undefined || stanzaId === undefined) return archived?.id;
    return this.#read.byStanzaId.get(conversationId, stanzaId, direction, direction, text)?.id;
  }

  /** Newest first. An unknown `before` gives an empty page. */
  page({ conversation, before, limit }: PageRequest): readonly MessageRow[] {
    const rows =
      before === undefined
        ? this.#read.newest.all(conversation, limit)
        : this.#read.older.all(conversation, before, limit);
    return rows.map(toMessage);
  }

  /** Latest arrival first. Every word must occur; the last one may be just a beginning. */
  search(request: SearchRequest): readonly MessageRow[] {
    return this.#search.search(request);
  }

  /** Our own messages that the server has not acknowledged yet, oldest first. */
  sending(account: AccountId): readonly MessageRow[] {
    return this.#read.sending.all(account).map(toMessage);
  }

  summary(id: ConversationId): ConversationSummary {
    const [last] = this.page({ conversation: id, before: undefined, limit: 1 });
    return { id, unread: this.#read.unread.get(id)?.unread ?? 0, last };
  }

  /** One for each conversation of the account, for the chat list. */
  summaries(account: AccountId): readonly ConversationSummary[] {
    return this.#read.summaries.all(account).map(({ id, unread }) => {
      const [last] = this.page({ conversation: id, before: undefined, limit: 1 });
      return { id, unread, last };
    });
  }

  /** Everything that has arrived so far is read. */
  markRead(_tx: Tx, conversation: ConversationId): void {
    this.#write.markRead.run(conversation, conversation);
  }

  /** A receipt is final: what was confirmed stays delivered. */
  saveDelivery(_tx: Tx, id: MessageId, delivery: StoredDelivery): void {
    this.#write.setDelivery.run({ id, ...toDeliveryColumns(delivery) });
  }

  /**
   * A receipt came from this conversation's peer. Another peer who guesses the id changes nothing.
   * Returns the message it belongs to.
   */
  confirmDelivery(_tx: Tx, conversation: ConversationId, stanzaId: string): MessageId | undefined {
    return this.#write.confirm.get(conversation, stanzaId)?.id;
  }

  /** An error came back. What was already confirmed stays delivered. */
  failDelivery(_tx: Tx, conversation: ConversationId, stanzaId: string): MessageId | undefined {
    return this.#write.fail.get(conversation, stanzaId)?.id;
  }

  /** The archive has a name for it that was not known. */
  saveArchiveId(_tx: Tx, id: MessageId, archiveId: string): void {
    this.#write.setArchiveId.run(archiveId, id);
  }

  remove(_tx: Tx, id: MessageId): void {
    this.#write.remove.run(id);
  }

  clear(_tx: Tx, conversation: ConversationId): void {
    this.#write.clear.run(conversation);
  }
}

/** What reads the plain history, prepared once. */
const prepareReads = (db: Db) => ({
  byId: db.prepare<[number], StoredMessage>(`SELECT * FROM message WHERE id = ?`),
  byArchiveId: db.prepare<[number, string], { readonly id: MessageId }>(
    `SELECT id FROM message WHERE conversation_id = ? AND archive_id = ?`,
  ),
  byStanzaId: db.prepare<
    [number, string, Direction, Direction, string],
    { readonly id: MessageId }
  >(
    `SELECT id FROM message WHERE conversation_id = ? AND stanza_id = ? AND direction = ?
       AND (? = 'out' OR text = ?)`,
  ),
  newest: db.prepare<[number, number], StoredMessage>(
    `SELECT * FROM message WHERE conversation_id = ? ORDER BY at DESC, id DESC LIMIT ?`,
  ),
  older: db.prepare<[number, number, number], StoredMessage>(
    `SELECT * FROM message
       WHERE conversation_id = ? AND (at, id) < (SELECT at, id FROM message WHERE id = ?)
       ORDER BY at DESC, id DESC LIMIT ?`,
  ),
  // CROSS JOIN: starts from the few that wait, by their own index.
  sending: db.prepare<[number], StoredMessage>(
    `SELECT m.* FROM message m CROSS JOIN contact c ON c.id = m.conversation_id
       WHERE c.account_id = ? AND m.delivery = 'sending' ORDER BY m.id`,
  ),
  summaries: db.prepare<[number], { readonly id: ConversationId; readonly unread: number }>(
    `SELECT c.id, (SELECT count(*) FROM message m WHERE m.conversation_id = c.id
                     AND m.direction = 'in' AND m.id > c.read_up_to) AS unread
       FROM contact c WHERE c.account_id = ? ORDER BY c.id`,
  ),
  unread: db.prepare<[number], { readonly unread: number }>(
    `SELECT count(*) AS unread FROM message m JOIN contact c ON c.id = m.conversation_id
       WHERE c.id = ? AND m.direction = 'in' AND m.id > c.read_up_to`,
  ),
});

/** What writes it. */
const prepareWrites = (db: Db) => ({
  insert: db.prepare<[Omit<StoredMessage, 'id' | 'protection'>]>(
    `INSERT INTO message (conversation_id, direction, text, at, protection, delivery, stanza_id,
                            plain_inside, archive_id, unconfirmed)
       VALUES (@conversation_id, @direction, @text, @at, 'plain', @delivery, @stanza_id,
               @plain_inside, @archive_id, @unconfirmed)`,
  ),
  setDelivery: db.prepare<[Pick<StoredMessage, 'id' | 'delivery' | 'unconfirmed'>]>(
    `UPDATE message SET delivery = @delivery, unconfirmed = @unconfirmed
       WHERE id = @id AND direction = 'out' AND delivery <> 'delivered'`,
  ),
  confirm: db.prepare<[number, string], { readonly id: MessageId }>(
    `UPDATE message SET delivery = 'delivered', unconfirmed = 0
       WHERE conversation_id = ? AND stanza_id = ? AND direction = 'out' RETURNING id`,
  ),
  fail: db.prepare<[number, string], { readonly id: MessageId }>(
    `UPDATE message SET delivery = 'failed', unconfirmed = 0
       WHERE conversation_id = ? AND stanza_id = ? AND direction = 'out'
         AND delivery <> 'delivered' RETURNING id`,
  ),
  markRead: db.prepare<[number, number]>(
    `UPDATE contact SET read_up_to = coalesce(
         (SELECT max(id) FROM message WHERE conversation_id = ? AND direction = 'in'), read_up_to)
       WHERE id = ?`,
  ),
  setArchiveId: db.prepare<[string, number]>(
    `UPDATE message SET archive_id = ? WHERE id = ? AND archive_id IS NULL`,
  ),
  remove: db.prepare<[number]>(`DELETE FROM message WHERE id = ?`),
  clear: db.prepare<[number]>(`DELETE FROM message WHERE conversation_id = ?`),
});
