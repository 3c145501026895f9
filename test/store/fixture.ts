// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConversationId } from '#shared/model/ids.ts';
import { type BareJid, parseBareJid } from '#shared/model/jid.ts';
import { createDatabase, openDatabase, type StoreLocation } from '../../src/main/store/database.ts';
import { migrations } from '../../src/main/store/migrations/index.ts';
import type { AccountId, NewAccount, NewMessage } from '../../src/main/store/rows.ts';
import { createStore, type Store } from '../../src/main/store/store.ts';

/** A folder of its own, gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-store-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function newLocation(folder = temporaryFolder()): StoreLocation {
  return { path: join(folder, 'sotto.db'), id: randomBytes(16), key: randomBytes(32), migrations };
}

/** A fresh store, closed after the test. */
export function newStore(location = newLocation()): Store {
  const db = createDatabase(location);
  onTestFinished(() => {
    db.close();
  });
  return createStore(db);
}

/** Opens what must open. */
export function reopen(location: StoreLocation): Store {
  const opened = openDatabase(location);
  if (!opened.ok) throw new Error(`the store did not open: ${opened.error}`);
  const db = opened.value;
  onTestFinished(() => {
    db.close();
  });
  return createStore(db);
}

export function jid(text: string): BareJid {
  const parsed = parseBareJid(text);
  if (!parsed.ok) throw new Error(`not an address: ${text}`);
  return parsed.value;
}

export const newAccount = (overrides: Partial<NewAccount> = {}): NewAccount => ({
  jid: jid('alice@example.org'),
  server: undefined,
  allowPlain: false,
  mode: 'compatible',
  createdAt: 1_700_000_000_000,
  resource: 'sotto-1',
  deviceLabel: 'Desktop',
  instanceTag: 0x0000_0100,
  credentials: undefined,
  ...overrides,
});

export interface Chat {
  readonly account: AccountId;
  readonly conversation: ConversationId;
}

export function newChat(store: Store, peer = 'bob@example.org'): Chat {
  return store.transaction((tx) => {
    const account =
      store.accounts.byJid(newAccount().jid)?.id ?? store.accounts.add(tx, newAccount());
    return { account, conversation: store.contacts.ensure(tx, account, jid(peer)) };
  });
}

export const newMessage = (
  conversationId: ConversationId,
  overrides: Partial<NewMessage> = {},
): NewMessage => ({
  conversationId,
  direction: 'in',
  text: 'hello',
  at: 1_700_000_000_000,
  delivery: 'delivered',
  stanzaId: undefined,
  plainInside: false,
  ...overrides,
});

/** Name, kind, mode and content of everything in a folder: equal before and after, or touched. */
export function portrait(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      const content = stats.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : stats.isSymbolicLink()
          ? readlinkSync(path)
          : 'folder';
      return `${name} ${stats.mode.toString(8)} ${String(stats.mtimeMs)} ${content}`;
    });
}
