// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDatabase, type Db } from '../../src/main/store/database.ts';
import { createStore } from '../../src/main/store/store.ts';
import { jid, newAccount, newLocation, newMessage } from './fixture.ts';

const CANARY = 'zephyrquokka';
const PEER = 'wombatfjord@example.org';
const SECRET = Uint8Array.from({ length: 57 }, (_, index) => (index * 37 + 11) & 0xff);

/** Every form in which the bytes might lie around. */
function forms(bytes: Uint8Array): readonly Buffer[] {
  const raw = Buffer.from(bytes);
  const utf16 = Buffer.from(raw.toString('latin1'), 'utf16le');
  const hex = raw.toString('hex');
  // Base64 depends on the offset; what lies between the edges does not.
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(offset), raw])
        .toString('base64')
        .slice(4, -4),
      'latin1',
    ),
  );
  return [
    raw,
    utf16,
    Buffer.from(utf16).swap16(),
    Buffer.from(hex),
    Buffer.from(hex.toUpperCase()),
    ...base64,
  ];
}

const NEEDLES = [Buffer.from(CANARY), Buffer.from(PEER.slice(0, 11)), SECRET].flatMap(forms);

/** Files of the folder and whatever else this process has open, deleted files too. */
function leaks(folder: string): readonly string[] {
  const opened = readdirSync('/proc/self/fd').map((fd) => `/proc/self/fd/${fd}`);
  const stored = readdirSync(folder).map((name) => join(folder, name));
  return [...stored, ...opened].filter((path) => {
    const content = contentOf(path);
    return NEEDLES.some((needle) => content.includes(needle));
  });
}

function contentOf(path: string): Buffer {
  try {
    // A pipe would wait for its other end.
    return statSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

function fill(db: Db): void {
  const store = createStore(db);
  const account = store.transaction((tx) =>
    store.accounts.add(tx, newAccount({ credentials: SECRET })),
  );
  store.transaction((tx) => {
    store.identities.save(tx, {
      accountId: account,
      longTermSeed: SECRET,
      forgingPublic: new Uint8Array(57),
      forgingSeed: SECRET,
      clientProfile: SECRET,
      clientProfileExpiresAt: 0,
    });
    const conversation = store.contacts.ensure(tx, account, jid(PEER));
    for (let at = 0; at < 500; at += 1) {
      store.messages.add(tx, newMessage(conversation, { at, text: `${CANARY} ${String(at)}` }));
    }
  });
}

/** Sorts more than fits into the page cache, which is when SQLite reaches for temporary files. */
function sortMuch(db: Db): Iterator<unknown> {
  db.pragma('cache_size = 10');
  const rows = db
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
       SELECT m.text || n.i AS line FROM message m CROSS JOIN n ORDER BY line || m.id, hex(line)`,
    )
    .iterate();
  rows.next();
  return rows;
}

describe('what is on disk', () => {
  it('sec:T-K-DISK-1 holds no text, address or key in any encoding, open or closed', () => {
    const location = newLocation();
    const db = createDatabase(location);
    fill(db);
    const folder = dirname(location.path);
    expect(readdirSync(folder)).toContain('sotto.db-wal');
    expect(leaks(folder)).toStrictEqual([]);
    createStore(db).close();
    expect(readdirSync(folder)).toStrictEqual(['sotto.db']);
    expect(leaks(folder)).toStrictEqual([]);
    expect(readFileSync(location.path).subarray(0, 16)).toStrictEqual(Buffer.from(location.id));
  });

  it.each([
    { temp: 'as we set it', setting: undefined, leaking: false },
    { temp: 'on disk (control: this one must leak)', setting: 'FILE', leaking: true },
  ])('sec:T-K-DISK-3 while a big sort keeps its temporary data $temp', ({ setting, leaking }) => {
    const location = newLocation();
    const db = createDatabase(location);
    onTestFinished(() => {
      db.close();
    });
    fill(db);
    if (setting !== undefined) db.pragma(`temp_store = ${setting}`);
    const rows = sortMuch(db);
    const found = leaks(dirname(location.path));
    rows.return?.();
    expect(found.length > 0).toBe(leaking);
  });

  it('sec:T-K-DISK-7 looks like noise on every page', () => {
    const location = newLocation();
    const db = createDatabase(location);
    fill(db);
    createStore(db).close();
    const file = readFileSync(location.path);
    for (let offset = 0; offset < file.length; offset += 4096) {
      expect(entropy(file.subarray(offset, offset + 4096))).toBeGreaterThan(7.9);
    }
  });

  it('sec:T-K-WIPE-1 forgets an account with everything that hangs on it', () => {
    const location = newLocation();
    const db = createDatabase(location);
    onTestFinished(() => {
      db.close();
    });
    fill(db);
    const store = createStore(db);
    const [account] = store.accounts.list();
    if (account === undefined) throw new Error('no account');
    store.transaction((tx) => {
      store.accounts.remove(tx, account.id);
    });
    const tables = ['account', 'identity', 'contact', 'message'];
    const counts = tables.map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    expect(counts).toStrictEqual([0, 0, 0, 0]);
    // The index keeps no word of what was deleted, not even as a tombstone.
    const index = db.prepare('SELECT block FROM message_text_data').pluck().all() as Buffer[];
    expect(index.some((block) => block.includes(CANARY.slice(2)))).toBe(false);
  });
});

/** Shannon entropy in bits per byte. */
function entropy(bytes: Uint8Array): number {
  const counts = new Map<number, number>();
  for (const octet of bytes) counts.set(octet, (counts.get(octet) ?? 0) + 1);
  return [...counts.values()]
    .map((count) => count / bytes.length)
    .reduce((sum, share) => sum - share * Math.log2(share), 0);
}
