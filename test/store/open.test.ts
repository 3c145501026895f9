// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDatabase, openDatabase, type StoreLocation } from '../../src/main/store/database.ts';
import type { OpenFailure } from '../../src/main/store/open-failure.ts';
import {
  newAccount,
  newChat,
  newLocation,
  newMessage,
  newStore,
  portrait,
  reopen,
} from './fixture.ts';

/** A closed store with an account and one message in it. */
function filled(location = newLocation()): StoreLocation {
  const store = newStore(location);
  const { conversation } = newChat(store);
  store.transaction((tx) => store.messages.add(tx, newMessage(conversation)));
  store.close();
  return location;
}

function expectRefusal(location: StoreLocation, reason: OpenFailure): void {
  const folder = dirname(location.path);
  const before = portrait(folder);
  expect(openDatabase(location)).toStrictEqual({ ok: false, error: reason });
  expect(portrait(folder)).toStrictEqual(before);
}

interface Case {
  readonly id: string;
  readonly what: string;
  readonly reason: OpenFailure;
  readonly arrange: () => StoreLocation;
}

const cases: readonly Case[] = [
  { id: '1', what: 'a missing file', reason: 'missing', arrange: () => newLocation() },
  {
    id: '2',
    what: 'a key that does not fit',
    reason: 'key-refused',
    arrange: () => ({ ...filled(), key: randomBytes(32) }),
  },
  {
    id: '3',
    what: 'an ordinary SQLite database',
    reason: 'not-encrypted',
    arrange: () => {
      const location = newLocation();
      const plain = new Database(location.path);
      plain.exec('CREATE TABLE message (id INTEGER PRIMARY KEY)');
      plain.close();
      return location;
    },
  },
  {
    id: '4',
    what: 'the store of another profile',
    reason: 'foreign',
    arrange: () => {
      const ours = newLocation();
      renameSync(filled().path, ours.path);
      return ours;
    },
  },
  {
    id: '5',
    what: 'an empty file',
    reason: 'truncated',
    arrange: () => {
      const location = newLocation();
      writeFileSync(location.path, '');
      return location;
    },
  },
  {
    id: '6',
    what: 'a directory',
    reason: 'not-a-file',
    arrange: () => {
      const location = newLocation();
      mkdirSync(location.path);
      return location;
    },
  },
  {
    id: '7',
    what: 'a symbolic link, even to the right file',
    reason: 'not-a-file',
    arrange: () => {
      const location = filled();
      renameSync(location.path, `${location.path}.real`);
      symlinkSync(`${location.path}.real`, location.path);
      return location;
    },
  },
  {
    id: '8',
    what: 'a file cut off inside its first page',
    reason: 'truncated',
    arrange: () => {
      const location = filled();
      truncateSync(location.path, 1000);
      return location;
    },
  },
  {
    id: '9',
    what: 'a file that is no database at all',
    reason: 'foreign',
    arrange: () => {
      const location = newLocation();
      writeFileSync(location.path, randomBytes(20_000));
      return location;
    },
  },
];

describe('opening a store', () => {
  it('sec:T-K-OPEN gives back what was written under the same key', () => {
    const store = reopen(filled());
    expect(store.accounts.list().map(({ jid }) => jid)).toStrictEqual([newAccount().jid]);
  });

  it.each(cases)('sec:T-K-OPEN-$id refuses $what and leaves the folder as it was', (given) => {
    expectRefusal(given.arrange(), given.reason);
  });

  it('sec:T-K-OPEN-10 sec:F-DISK-2 refuses while another connection has it, and that one goes on', () => {
    const location = newLocation();
    const store = newStore(location);
    const { conversation } = newChat(store);
    expectRefusal(location, 'in-use');
    store.transaction((tx) => store.messages.add(tx, newMessage(conversation)));
    expect(store.messages.summary(conversation).unread).toBe(1);
  });

  it('sec:T-K-OPEN leaves a write-ahead log alone when the key does not fit', () => {
    const location = newLocation();
    const store = newStore(location);
    newChat(store);
    // What a crash leaves behind: both files as they are in mid-flight.
    const aside = newLocation();
    for (const suffix of ['', '-wal']) {
      writeFileSync(`${aside.path}${suffix}`, readFileSync(`${location.path}${suffix}`));
    }
    expectRefusal({ ...location, path: aside.path, key: randomBytes(32) }, 'key-refused');
    expect(reopen({ ...location, path: aside.path }).accounts.list()).toHaveLength(1);
  });

  it('sec:T-K-OPEN any single damaged bit of the first page refuses the store', () => {
    const location = filled();
    const whole = readFileSync(location.path);
    fc.assert(
      fc.property(fc.nat(4096 * 8 - 1), (bit) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        writeFileSync(location.path, damaged);
        expectRefusal(location, bit >> 3 < 16 ? 'foreign' : 'key-refused');
      }),
      { numRuns: 100 },
    );
  });

  it('sec:T-K-OPEN never creates over something that is there', () => {
    const location = filled();
    const before = portrait(dirname(location.path));
    expect(() => createDatabase(location)).toThrow(/EEXIST/);
    expect(portrait(dirname(location.path))).toStrictEqual(before);
  });

  it('sec:T-K-OPEN leaves nothing behind when a new store cannot be finished', () => {
    const location = { ...newLocation(), migrations: [{ version: 1, sql: 'CREATE NONSENSE' }] };
    expect(() => createDatabase(location)).toThrow(/syntax error/);
    expect(existsSync(location.path)).toBe(false);
  });
});
