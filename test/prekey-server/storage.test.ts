// SPDX-License-Identifier: GPL-3.0-or-later

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS, rememberConsumedUntil } from '#otr';
import { PostgresqlPool } from '#prekey-server/storage/postgresql-pool.ts';
import { PostgresqlStorage } from '#prekey-server/storage/postgresql-storage.ts';
import { SqliteStorage } from '#prekey-server/storage/sqlite-storage.ts';
import { DatabaseFailed, SqliteThread, startThread } from '#prekey-server/storage/sqlite-thread.ts';
import type { PrekeyStorage } from '#prekey-server/storage/storage.ts';
import { startPostgresql, type TestPostgresql } from '../support/postgresql.ts';
import {
  bytes,
  command,
  DAY_MS,
  HOUR_MS,
  idOf,
  manyIds,
  messages,
  NOW,
  order,
  otherKey,
  publicKey,
  shelf,
  text,
} from './commands.ts';
import { emptyTables } from './empty-tables.ts';
import { hostileJids } from './hostile-jids.ts';

let folder: string;
let postgresql: TestPostgresql;

beforeAll(async () => {
  // In memory where that can be had: thousands of commits would wait for the disk.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  folder = await mkdtemp(join(place, 'sotto-storage-'));
  postgresql = await startPostgresql();
});
afterAll(async () => {
  await postgresql[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const key = new Uint8Array(32).fill(7);
let round = 0;
const path = (): string => join(folder, `${String(round)}.sqlite`);

/** Each opens the same data a second time as well: another instance. */
const stores: readonly (readonly [string, () => Promise<PrekeyStorage>])[] = [
  ['SQLite', async () => SqliteStorage.open(path())],
  ['SQLite, encrypted', async () => SqliteStorage.open(path(), key)],
  ['SQLite in a thread', () => SqliteThread.open(path(), key)],
  ['PostgreSQL', () => PostgresqlStorage.open(postgresql.postgresql.url)],
];

describe.each(stores)('the store on %s', (name, open) => {
  let store: PrekeyStorage;
  let second: PrekeyStorage;
  const isShared = name === 'PostgreSQL';

  const openBoth = async (): Promise<void> => {
    round += 1;
    [store, second] = [await open(), await open()];
  };
  const closeBoth = async (): Promise<void> => {
    await store.close();
    await second.close();
  };

  // A file is new for each test, a database is emptied.
  beforeAll(async () => {
    if (isShared) await openBoth();
  });
  beforeEach(() => (isShared ? emptyTables(postgresql.postgresql.url) : openBoth()));
  afterEach(async () => {
    if (!isShared) await closeBoth();
  });
  afterAll(async () => {
    if (isShared) await closeBoth();
  });

  const count = (wanted: Parameters<typeof shelf>[0] = {}) =>
    store.count({ tag: 'count', shelf: shelf(wanted) });
  const taken = async (...asked: Parameters<typeof order>) =>
    (await store.take(order(...asked), NOW)).map(idOf);

  it('pks:T-15 keeps what is published, and counts it', async () => {
    expect(await store.publish(command({ ids: manyIds(1, 20) }), NOW)).toBe('stored');
    expect(await count()).toBe(20);
    expect(await second.count({ tag: 'count', shelf: shelf() })).toBe(20);
    expect(await count({ key: otherKey })).toBe(0);
  });

  it('pks:T-31 takes one of each complete device, oldest first, with its own profiles', async () => {
    await store.publish(command({ device: 0x201, ids: [5, 3] }), NOW);
    await store.publish(command({ device: 0x202, ids: [9] }), NOW);
    await store.publish(command({ device: 0x203 }), NOW);
    await store.publish(command({ device: 0x204, ids: [8], client: undefined }), NOW);
    await store.publish(command({ device: 0x205, ids: [8], prekey: undefined }), NOW);
    await store.publish(command({ identity: 'eve@z.example', ids: [4] }), NOW);
    const ensembles = await store.take(order(), NOW);
    const parts = ensembles.map(({ clientProfile, prekeyProfile, prekeyMessage }) =>
      [clientProfile, prekeyProfile, prekeyMessage].map(text),
    );
    expect(parts.toSorted()).toEqual([
      ['client of 513', 'prekey of 513', 'message 5'],
      ['client of 514', 'prekey of 514', 'message 9'],
    ]);
    expect(await count({ device: 0x201 })).toBe(1);
    expect(await count({ device: 0x202 })).toBe(0);
  });

  it('pks:T-33 pks:T-34 leaves out who has expired, and keeps profiles without prekeys', async () => {
    await store.publish(command({ device: 0x201, ids: [1] }), NOW);
    await store.publish(command({ device: 0x202, ids: [2, 3], client: NOW + HOUR_MS }), NOW);
    await store.publish(command({ device: 0x203, ids: [4, 5], prekey: NOW + HOUR_MS }), NOW);
    expect((await store.take(order(), NOW + HOUR_MS)).map(idOf)).toEqual([1]);
    expect(await store.take(order(), NOW + DAY_MS)).toEqual([]);
    expect(await taken(undefined, 0x201)).toEqual([]);
    await store.publish(
      command({ device: 0x201, ids: [6], client: undefined, prekey: undefined }),
      NOW,
    );
    expect(await taken(undefined, 0x201)).toEqual([6]);
  });

  it('pks:T-45 takes of one device alone when one is asked for', async () => {
    await store.publish(command({ device: 0x201, ids: [1] }), NOW);
    await store.publish(command({ device: 0x202, ids: [2] }), NOW);
    expect(await taken('bob@z.example', 0x202)).toEqual([2]);
    expect(await taken('bob@z.example', 0x999)).toEqual([]);
    expect(await count({ device: 0x201 })).toBe(1);
  });

  it('pks:T-27 a new key comes with both profiles, and what was there goes', async () => {
    await store.publish(command({ ids: [1, 2] }), NOW);
    const renewed = { key: otherKey, ids: [3] };
    expect(await store.publish(command({ ...renewed, prekey: undefined }), NOW)).toBe('refused');
    expect(await store.publish(command({ ...renewed, client: undefined }), NOW)).toBe('refused');
    expect(await count()).toBe(2);
    expect(await store.publish(command(renewed), NOW)).toBe('stored');
    expect(await count()).toBe(0);
    expect(await taken()).toEqual([3]);
  });

  it('pks:T-28 pks:T-29 the same id changes nothing, other bytes and used ids are refused', async () => {
    await store.publish(command({ ids: [1, 2] }), NOW);
    expect(await store.publish(command({ ids: [1, 2] }), NOW)).toBe('stored');
    expect(await count()).toBe(2);
    const other = [...messages(3), { id: 2, raw: bytes('something else') }];
    expect(await store.publish(command({ content: other }), NOW)).toBe('refused');
    expect(await count()).toBe(2);
    expect(await taken()).toEqual([1]);
    expect(await store.publish(command({ ids: [1] }), NOW)).toBe('refused');
    // Under another key in the meantime, or as a device that is new again.
    await store.publish(command({ key: otherKey, ids: [1] }), NOW);
    expect(await store.publish(command({ ids: [1] }), NOW)).toBe('refused');
    expect(await store.publish(command({ ids: [4] }), NOW)).toBe('stored');
    expect(await taken()).toEqual([4]);
  });

  it('pks:T-30 the 256th prekey is refused with all that came with it', async () => {
    await store.publish(command({ ids: manyIds(0, 254) }), NOW);
    expect(await store.publish(command({ ids: [1000, 1001] }), NOW)).toBe('refused');
    expect(await count()).toBe(254);
    expect(await store.publish(command({ ids: [1000] }), NOW)).toBe('stored');
    expect(await store.publish(command({ ids: [1001] }), NOW)).toBe('refused');
    expect(await count()).toBe(255);
  });

  it('pks:T-38 two instances at the edge never store more than fits', async () => {
    await store.publish(command({ ids: manyIds(0, 250) }), NOW);
    const outcomes = await Promise.all(
      manyIds(0, 4).map((n) => {
        const one = n % 2 === 0 ? store : second;
        return one.publish(command({ ids: manyIds(1000 + 10 * n, 3) }), NOW);
      }),
    );
    expect(outcomes.toSorted()).toEqual(['refused', 'refused', 'refused', 'stored']);
    expect(await count()).toBe(253);
  });

  it('pks:T-38 two instances never let in a ninth device', async () => {
    for (const device of manyIds(0x201, LIMITS.prekeyDevices - 1)) {
      await store.publish(command({ device }), NOW);
    }
    const outcomes = await Promise.all(
      manyIds(0x301, 4).map((device, n) =>
        (n % 2 === 0 ? store : second).publish(command({ device, ids: [1] }), NOW),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['refused', 'refused', 'refused', 'stored']);
  });

  it('a device whose profiles have expired makes room, and its used ids stay used', async () => {
    await store.publish(command({ device: 0x201, ids: [1] }), NOW);
    expect(await taken()).toEqual([1]);
    for (const device of manyIds(0x301, 7)) {
      await store.publish(
        command({ device, client: NOW + 9 * DAY_MS, prekey: NOW + 9 * DAY_MS }),
        NOW,
      );
    }
    const later = NOW + 2 * DAY_MS;
    const lasting = { client: NOW + 9 * DAY_MS, prekey: NOW + 9 * DAY_MS };
    expect(await store.publish(command({ device: 0x401, ...lasting }), NOW)).toBe('refused');
    expect(await store.publish(command({ device: 0x401, ...lasting }), later)).toBe('stored');
    const back = command({ device: 0x201, ids: [1], ...lasting });
    expect(await store.publish(back, later)).toBe('refused');
  });

  it('a profile with the shorter life does not replace the longer one of the same key', async () => {
    await store.publish(
      command({ ids: [1, 2], client: NOW + 9 * DAY_MS, prekey: NOW + 9 * DAY_MS }),
      NOW,
    );
    await store.publish(command({ ids: [3] }), NOW);
    expect((await store.take(order(), NOW + 2 * DAY_MS)).map(idOf)).toEqual([1]);
  });

  it('sec:T-P-RL-1 keeps the last of a device for its own', async () => {
    await store.publish(command({ ids: manyIds(1, 12) }), NOW);
    expect(await taken(undefined, undefined, 10)).toEqual([1]);
    expect(await taken(undefined, undefined, 10)).toEqual([2]);
    expect(await taken(undefined, undefined, 10)).toEqual([]);
    expect(await taken()).toEqual([3]);
  });

  it('pks:T-35 sec:T-F-PK-2 sixteen at once on two instances, ten prekeys: ten get one, and all differ', async () => {
    for (let first = 1; first < 100; first += 10) {
      await store.publish(command({ ids: manyIds(first, 10) }), NOW);
      // All connections are open, so that all ask at once.
      await Promise.all(manyIds(0, 16).map((n) => (n % 2 === 0 ? count() : second.sweep(NOW))));
      const answers = await Promise.all(
        manyIds(0, 16).map((n) => (n % 2 === 0 ? store : second).take(order(), NOW)),
      );
      const ids = answers.flat().map(idOf);
      expect(ids.toSorted((a, b) => a - b)).toEqual(manyIds(first, 10));
      expect(answers.filter(({ length }) => length === 0)).toHaveLength(6);
    }
  });

  it('pks:T-37 publications and queries at once add up, and nobody hears of a busy store', async () => {
    await store.publish(command({ ids: manyIds(1, 40) }), NOW);
    const work = manyIds(0, 40).map(async (n) => {
      if (n % 4 === 0) {
        const more = command({ ids: manyIds(1000 + 10 * n, 5), client: undefined });
        return [await second.publish(more, NOW)];
      }
      return (await (n % 2 === 0 ? store : second).take(order(), NOW)).map(idOf);
    });
    const results = (await Promise.all(work)).flat();
    const ids = results.filter((one) => typeof one === 'number');
    expect(new Set(ids).size).toBe(ids.length);
    expect(results.filter((one) => one === 'stored')).toHaveLength(10);
    expect(await count()).toBe(40 + 50 - ids.length);
  });

  it('sweeps in batches: profiles at once, prekeys after thirty days, used ids in the end', async () => {
    await store.publish(command({ ids: manyIds(1, 200) }), NOW);
    expect(await taken()).toEqual([1]);
    await store.publish(
      command({ identity: 'alive@z.example', ids: [1], client: NOW + 90 * DAY_MS }),
      NOW,
    );
    expect(await store.sweep(NOW)).toBe(0);
    expect(await store.sweep(NOW + DAY_MS)).toBe(3);
    expect(await store.sweep(NOW + DAY_MS)).toBe(0);
    expect(await count()).toBe(199);
    expect(await store.sweep(NOW + 31 * DAY_MS - 1)).toBe(0);
    // 199 prekeys, their device, and what was remembered of the used one.
    expect(await store.sweep(rememberConsumedUntil(NOW + DAY_MS))).toBe(201);
    expect(await count()).toBe(0);
    expect(await count({ identity: 'alive@z.example' })).toBe(1);
  });

  it('pks:T-37 a store that is swept by two instances at once is swept once', async () => {
    for (const device of manyIds(0x201, 4)) await store.publish(command({ device }), NOW);
    const rows = await Promise.all([store.sweep(NOW + DAY_MS), second.sweep(NOW + DAY_MS)]);
    const rest = await store.sweep(NOW + DAY_MS);
    expect(rows[0] + rows[1] + rest).toBe(8);
  });

  it('sec:T-P-SQL-1 a thousand hostile addresses are addresses, and nothing else', async () => {
    const jids = hostileJids(1000);
    const publish = (identity: string, n: number) =>
      store.publish(command({ identity, ids: [n] }), NOW);
    for (let from = 0; from < jids.length; from += 100) {
      const some = jids.slice(from, from + 100);
      const outcomes = await Promise.all(some.map((jid, n) => publish(jid, from + n)));
      expect(new Set(outcomes)).toEqual(new Set(['stored']));
    }
    for (let from = 0; from < jids.length; from += 100) {
      const given = await Promise.all(jids.slice(from, from + 100).map((jid) => taken(jid)));
      expect(given).toEqual(manyIds(from, 100).map((n) => [n]));
    }
    expect(await taken(jids[0])).toEqual([]);
    expect(await count()).toBe(0);
  });

  it('whatever is published and taken in whatever order, no id is given out twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 5 })), fc.integer(), async (draw, salt) => {
        const identity = `${String(salt)}.${String(round++)}@z.example`;
        const given: number[] = [];
        for (const step of draw.take(24)) {
          if (step > 3) given.push(...(await taken(identity)));
          else await store.publish(command({ identity, ids: manyIds(step, 2) }), NOW);
        }
        expect(new Set(given).size).toBe(given.length);
      }),
      { numRuns: 12 },
    );
  });
});

describe('the files of a store', () => {
  it('are for their owner alone, and tell nothing when they are encrypted', async () => {
    round += 1;
    const store = SqliteStorage.open(path(), key);
    await store.publish(command({ ids: [1, 2] }), NOW);
    const names = (await readdir(folder)).filter((file) => file.startsWith(`${String(round)}.`));
    expect(names.length).toBeGreaterThan(1);
    for (const file of names) {
      expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
      const content = await readFile(join(folder, file), 'latin1');
      for (const word of ['bob@z.example', 'message 1', 'client of', 'SQLite format']) {
        expect(content).not.toContain(word);
      }
    }
    await store.close();
    expect(() => SqliteStorage.open(path(), new Uint8Array(32).fill(8))).toThrow();
    expect(() => SqliteStorage.open(path())).toThrow();
    const again = SqliteStorage.open(path(), key);
    expect(await again.count({ tag: 'count', shelf: { ...shelf(), publicKey } })).toBe(2);
    await again.close();
  });
});

describe('the thread of a SQLite database', () => {
  it('sec:F-PK-3 that ends costs what was under way, and the next one opens the same file', async () => {
    round += 1;
    const threads: Worker[] = [];
    const store = await SqliteThread.open(path(), key, (start) => {
      const thread = startThread(start);
      threads.push(thread);
      return thread;
    });
    await store.publish(command({ ids: [1, 2] }), NOW);
    const lost = store.count({ tag: 'count', shelf: shelf() });
    await Promise.all([expect(lost).rejects.toThrow(DatabaseFailed), threads[0]?.terminate()]);
    expect(await store.count({ tag: 'count', shelf: shelf() })).toBe(2);
    await store.close();
    expect(threads).toHaveLength(2);
  });

  it('says why it cannot open the file', async () => {
    round += 1;
    await (await SqliteThread.open(path(), key)).close();
    await expect(SqliteThread.open(path())).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
  });
});

describe('takes that PostgreSQL is asked for together', () => {
  it('do not fail for an account that it cannot hold', async () => {
    const store = await PostgresqlStorage.open(postgresql.postgresql.url);
    await emptyTables(postgresql.postgresql.url);
    await store.publish(command({ ids: [1] }), NOW);
    const [odd, good] = await Promise.allSettled([
      store.take(order('a\u0000b@z.example'), NOW),
      store.take(order(), NOW),
    ]);
    expect(odd).toMatchObject({ status: 'rejected' });
    expect(good).toMatchObject({ status: 'fulfilled', value: [{}] });
    await store.close();
  });
});

describe('a connection to PostgreSQL', () => {
  it('sec:F-PK-5 that is ended between two statements costs that work, and nothing else', async () => {
    const { url } = postgresql.postgresql;
    const [pool, other] = [new PostgresqlPool(url), new PostgresqlPool(url)];
    let ended = 0;
    const done = pool.transaction(async (client) => {
      if (ended > 0) return 'on another connection';
      ended += 1;
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // Not by `once`, which would listen for the error that nobody else listens for.
      const gone = new Promise((resolve) => client.once('end', resolve));
      const end = { name: 'end', text: 'SELECT pg_terminate_backend($1)' };
      await other.statement(end, [rows[0]?.pid]);
      await gone;
      await client.query('SELECT 1');
      return 'without a connection';
    });
    await expect(done).rejects.toThrow('not queryable');
    expect(await pool.transaction(() => Promise.resolve('goes on'))).toBe('goes on');
    await pool.close();
    await other.close();
  });
});
