// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase } from '../../src/main/store/database.ts';
import type { MessageId, MessageRow } from '../../src/main/store/rows.ts';
import { createStore } from '../../src/main/store/store.ts';
import { newChat, newLocation, newMessage, newStore } from './fixture.ts';

const instants = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 });
const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 12 });

describe('MessageRepository', () => {
  it('gives back every text unchanged, whatever is in it', () => {
    const store = newStore();
    const { conversation } = newChat(store);
    // A lone surrogate is no text; UTF-8 has no form for it.
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, fc.boolean(), (given, plainInside) => {
        const message = newMessage(conversation, { text: given, plainInside, stanzaId: 'a' });
        const id = store.transaction((tx) => store.messages.add(tx, message));
        expect(store.messages.get(id)).toStrictEqual({ ...message, id, protection: 'plain' });
      }),
    );
  });

  it('pages through all messages once, newest first, and those of one instant by arrival', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 7 }), (times, limit) => {
        const store = newStore();
        const { conversation } = newChat(store);
        const other = newChat(store, 'carol@example.org').conversation;
        const rows = store.transaction((tx) =>
          times.map((at) => {
            store.messages.add(tx, newMessage(other, { at }));
            return { at, id: store.messages.add(tx, newMessage(conversation, { at })) };
          }),
        );
        const expected = rows.toSorted((a, b) => b.at - a.at || b.id - a.id).map(({ id }) => id);
        const seen: MessageId[] = [];
        let page: readonly MessageRow[];
        do {
          page = store.messages.page({ conversation, before: seen.at(-1), limit });
          seen.push(...page.map(({ id }) => id));
        } while (page.length === limit);
        store.close();
        expect(seen).toStrictEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('perf:S3 finds exactly the messages that hold every word, the last by its beginning, newest first', () => {
    const word = fc.constantFrom('apple', 'apricot', 'berry', 'Grüße', 'gruße', 'grusse');
    const line = fc.array(word, { minLength: 1, maxLength: 5 });
    // So long that no older message is looked through with the newest ones.
    const long = fc.constant(['apple', 'z'.repeat(0x1_0000)]);
    const lines = fc.array(fc.oneof({ weight: 9, arbitrary: line }, long), { maxLength: 24 });
    const store = newStore();
    const { account, conversation } = newChat(store);
    fc.assert(
      fc.property(lines, line, fc.integer({ min: 1, max: 9 }), (texts, query, limit) => {
        store.transaction((tx) => {
          store.messages.clear(tx, conversation);
          for (const words of texts) {
            store.messages.add(tx, newMessage(conversation, { text: words.join(', ') }));
          }
        });
        const fold = (text: string): string =>
          text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
        const last = fold(query.at(-1) ?? '');
        const matches = texts.filter((words) => {
          const folded = words.map(fold);
          return (
            query.slice(0, -1).every((wanted) => folded.includes(fold(wanted))) &&
            folded.some((candidate) => candidate.startsWith(last))
          );
        });
        const request = { account, conversation: undefined, query: query.join(' '), limit };
        const found: MessageRow[] = [];
        let page: readonly MessageRow[];
        do {
          page = store.messages.search({ ...request, before: found.at(-1)?.id });
          found.push(...page);
        } while (page.length === limit);
        expect(found.map(({ text }) => text)).toStrictEqual(
          matches.map((words) => words.join(', ')).toReversed(),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('perf:S3 needs the index of all only where the newest messages do not fill a page', () => {
    const db = createDatabase(newLocation());
    const store = createStore(db);
    onTestFinished(() => {
      store.close();
    });
    const { account, conversation } = newChat(store);
    store.transaction((tx) => {
      for (let at = 0; at < 600; at += 1) store.messages.add(tx, newMessage(conversation, { at }));
    });
    db.exec("INSERT INTO message_text (message_text) VALUES ('delete-all')");
    const request = { account, conversation, query: 'hel', before: undefined };
    expect(store.messages.search({ ...request, limit: 512 })).toHaveLength(512);
    expect(store.messages.search({ ...request, limit: 513 })).toHaveLength(0);
    const long = newMessage(conversation, { text: 'z'.repeat(0x1_0000) });
    store.transaction((tx) => store.messages.add(tx, long));
    expect(store.messages.search({ ...request, limit: 1 })).toHaveLength(0);
  });

  it('keeps no word of what it looked through', () => {
    const db = createDatabase(newLocation());
    const store = createStore(db);
    onTestFinished(() => {
      store.close();
    });
    const { account, conversation } = newChat(store);
    store.transaction((tx) => store.messages.add(tx, newMessage(conversation)));
    const request = { account, conversation, query: 'hel', before: undefined, limit: 1 };
    expect(store.messages.search(request)).toHaveLength(1);
    db.exec("CREATE VIRTUAL TABLE temp.left USING fts5vocab ('temp', 'newest_text', 'row')");
    expect(db.prepare('SELECT * FROM temp.left').all()).toStrictEqual([]);
  });

  it('never reads what was typed as an operator of the search', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    store.transaction((tx) => store.messages.add(tx, newMessage(conversation)));
    const operators = ['"', '*', 'NOT', 'text:', 'NEAR(', '^', '-', '(', 'OR', '{', '\0', 'ä"*'];
    const query = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.array(fc.constantFrom(...operators)).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(query, (typed) => {
        const request = { account, conversation, query: typed, before: undefined, limit: 5 };
        expect(() => store.messages.search(request)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('searches only the conversation and the account it is asked for, page after page', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const other = newChat(store, 'carol@example.org').conversation;
    store.transaction((tx) => {
      for (let at = 0; at < 5; at += 1) store.messages.add(tx, newMessage(conversation, { at }));
      store.messages.add(tx, newMessage(other));
    });
    const base = { account, conversation, query: 'hello', before: undefined, limit: 3 };
    const first = store.messages.search(base);
    const second = store.messages.search({ ...base, before: first.at(-1)?.id });
    expect([first.length, second.length]).toStrictEqual([3, 2]);
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(5);
    expect(store.messages.search({ ...base, conversation: undefined, limit: 9 })).toHaveLength(6);
  });

  it('no longer finds what was changed or removed, and keeps its index whole', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(11)), (lines, removed) => {
        const db = createDatabase(newLocation());
        const store = createStore(db);
        const { conversation } = newChat(store);
        const ids = store.transaction((tx) =>
          lines.map((text) => store.messages.add(tx, newMessage(conversation, { text }))),
        );
        store.transaction((tx) => {
          for (const index of removed) {
            const id = ids[index];
            if (id !== undefined) store.messages.remove(tx, id);
          }
        });
        // Throws when index and table disagree.
        db.exec("INSERT INTO message_text (message_text, rank) VALUES ('integrity-check', 1)");
        const left = ids.filter((_, index) => !removed.includes(index)).length;
        expect(db.prepare('SELECT count(*) FROM message').pluck().get()).toBe(left);
        store.close();
      }),
      { numRuns: 25 },
    );
  });

  it('lets a receipt change only our own message in the conversation it came from', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const other = newChat(store, 'mallory@example.org').conversation;
    const out = newMessage(conversation, {
      direction: 'out',
      delivery: 'sending',
      stanzaId: 's1',
    });
    const id = store.transaction((tx) => store.messages.add(tx, out));
    store.transaction((tx) => store.messages.add(tx, newMessage(conversation, { stanzaId: 's1' })));
    expect(store.messages.sending(account).map((row) => row.id)).toStrictEqual([id]);
    expect(store.transaction((tx) => store.messages.confirmDelivery(tx, other, 's1'))).toBe(
      undefined,
    );
    expect(store.messages.get(id)?.delivery).toBe('sending');
    expect(store.transaction((tx) => store.messages.confirmDelivery(tx, conversation, 's1'))).toBe(
      id,
    );
    expect(store.messages.sending(account)).toStrictEqual([]);
    // A late error or acknowledgement does not take the receipt back.
    store.transaction((tx) => {
      expect(store.messages.failDelivery(tx, conversation, 's1')).toBeUndefined();
      store.messages.saveDelivery(tx, id, 'sent');
    });
    expect(store.messages.get(id)?.delivery).toBe('delivered');
  });

  it('sec:F-SM-2 keeps apart what failed and what was only not confirmed', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const out = newMessage(conversation, {
      direction: 'out',
      delivery: 'sending',
      stanzaId: 's1',
    });
    const id = store.transaction((tx) => store.messages.add(tx, out));
    const become = (delivery: 'sending' | 'unconfirmed' | 'failed') => {
      store.transaction((tx) => {
        store.messages.saveDelivery(tx, id, delivery);
      });
      return store.messages.get(id)?.delivery;
    };
    expect(become('unconfirmed')).toBe('unconfirmed');
    expect(store.messages.sending(account)).toStrictEqual([]);
    expect(become('failed')).toBe('failed');
    expect(become('unconfirmed')).toBe('unconfirmed');
    store.transaction((tx) => store.messages.failDelivery(tx, conversation, 's1'));
    expect(store.messages.get(id)?.delivery).toBe('failed');
    become('unconfirmed');
    expect(become('sending')).toBe('sending');
    become('unconfirmed');
    store.transaction((tx) => store.messages.confirmDelivery(tx, conversation, 's1'));
    expect(store.messages.get(id)?.delivery).toBe('delivered');
    const known = newMessage(conversation, { direction: 'out', delivery: 'unconfirmed' });
    const other = store.transaction((tx) => store.messages.add(tx, known));
    expect(store.messages.get(other)?.delivery).toBe('unconfirmed');
  });

  it('counts what arrived since the chat was read, also after messages were removed', () => {
    const store = newStore();
    const { account, conversation } = newChat(store);
    const add = (): MessageId =>
      store.transaction((tx) => store.messages.add(tx, newMessage(conversation)));
    const [, last] = [add(), add()];
    expect(store.messages.summary(conversation).unread).toBe(2);
    store.transaction((tx) => {
      store.messages.markRead(tx, conversation);
      store.messages.remove(tx, last);
    });
    // A row id that came back would count as read.
    expect(add()).toBeGreaterThan(last);
    expect(store.messages.summary(conversation).unread).toBe(1);
    store.transaction((tx) => {
      store.messages.clear(tx, conversation);
      store.messages.markRead(tx, conversation);
    });
    add();
    expect(store.messages.summaries(account)).toMatchObject([{ id: conversation, unread: 1 }]);
  });

  it('ux:I-10 has no place for off-the-record text or for text that waits to be encrypted', () => {
    const db = createDatabase(newLocation());
    onTestFinished(() => {
      db.close();
    });
    const { conversation } = newChat(createStore(db));
    const insert = db.prepare(
      `INSERT INTO message (conversation_id, direction, text, at, protection, delivery, plain_inside)
       VALUES (?, 'out', 'secret', 1, ?, ?, 0)`,
    );
    for (const protection of ['unverified', 'verified', 'otr']) {
      expect(() => insert.run(conversation, protection, 'sent')).toThrow(/CHECK constraint/);
    }
    expect(() => insert.run(conversation, 'plain', 'held')).toThrow(/CHECK constraint/);
  });
});
