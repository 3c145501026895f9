// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublicationContent } from '#otr';
import { openStorage } from '#prekey-server/storage/open-storage.ts';
import type { KeyedDevice } from '../../tools/prekey-server/keyed-device.ts';
import { startPostgresql, type TestPostgresql } from '../support/postgresql.ts';
import { type Given, PrekeyRig } from '../support/prekey-rig.ts';

/** `FAULT_RUNS=50 npm run test:faults` looks longer. */
const RUNS = Number(process.env['FAULT_RUNS'] ?? 3);
const table: Readonly<Record<string, unknown>>[] = [];

let postgresql: TestPostgresql;

beforeAll(async () => {
  // What was committed has to survive here.
  postgresql = await startPostgresql(true);
});
afterAll(async () => {
  await postgresql[Symbol.asyncDispose]();
  console.table(table);
});

const later = (ms: number, work: () => unknown): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, ms)).then(work);

/** Who asks at once, and how often. */
const LANES = 4;
const EACH = 3;

const publishing = (publication: PublicationContent) =>
  ({ tag: 'request', request: { tag: 'publish', publication } }) as const;

/** Ids that were given more than once. */
function doubles(given: readonly Given[]): readonly number[] {
  const ids = given.filter((one) => typeof one === 'number');
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}

const stores = [
  ['SQLite', () => undefined],
  ['PostgreSQL', () => postgresql.postgresql.url],
] as const;

describe.each(stores)(
  'the prekey server on %s',
  { timeout: 300_000 + RUNS * 120_000 },
  (name, url) => {
    const place = (rig: PrekeyRig) => {
      const database = url();
      return database === undefined
        ? ({ kind: 'sqlite', path: rig.databaseFile } as const)
        : ({ kind: 'postgresql', url: database } as const);
    };

    async function countOf(rig: PrekeyRig, { context }: KeyedDevice): Promise<number> {
      const store = await openStorage(place(rig), undefined);
      const { ownerTag, publicKey } = context.own.profile;
      const shelf = { identity: context.ourJid, ownerTag, publicKey };
      const count = await store.count({ tag: 'count', shelf });
      await store.close();
      return count;
    }

    it('sec:F-PK-3 a publication is stored whole or not at all, wherever the server is killed', async () => {
      await using rig = await PrekeyRig.start(url());
      const row = { fault: `F-PK-3 ${name}`, runs: RUNS, all: 0, nothing: 0 };
      for (let run = 0; run < RUNS; run += 1) {
        const device = rig.device(`publisher${name.toLowerCase()}${String(run)}`);
        const content = device.content(20);
        const killed = Promise.withResolvers<unknown>();
        // Nobody may ever answer this.
        void rig.exchange(device, publishing(content), () => {
          // Different in each run, and the same when the run is repeated.
          killed.resolve(later((run * 67) % 400, () => rig.server.kill()));
        });
        await killed.promise;
        const count = await countOf(rig, device);
        expect([0, 20]).toContain(count);
        if (count === 20) row.all += 1;
        else row.nothing += 1;
        await rig.server.restart();
        expect(await rig.exchange(device, publishing(content))).toBe('published');
        expect(await countOf(rig, device)).toBe(20);
      }
      table.push(row);
    });

    it('pks:T-36 sec:F-PK-4 what was handed out is never handed out again, and at most the open ones are lost', async () => {
      await using rig = await PrekeyRig.start(url());
      const row = { fault: `F-PK-4 ${name}`, runs: RUNS, given: 0, lost: 0, twice: 0 };
      for (let run = 0; run < RUNS; run += 1) {
        const device = rig.device(`target${name.toLowerCase()}${String(run)}`);
        expect(await rig.exchange(device, publishing(device.content(LANES * EACH)))).toBe(
          'published',
        );
        const given: Given[] = [];
        const enough = Promise.withResolvers<undefined>();
        const open = Array.from({ length: LANES }, async () => {
          for (let n = 0; n < EACH; n += 1) {
            given.push(await rig.query(device.context.ourJid));
            // The others are under way then, each at another place.
            if (given.length > run % (LANES * (EACH - 1))) enough.resolve(undefined);
          }
        });
        await enough.promise;
        await rig.server.kill();
        await Promise.race([Promise.all(open), later(1_000, () => undefined)]);
        await rig.server.restart();
        const ids = given.filter((one) => typeof one === 'number');
        const lost = LANES * EACH - ids.length - (await countOf(rig, device));
        expect(doubles(given)).toEqual([]);
        expect(ids.length).toBeGreaterThan(0);
        expect(lost).toBeLessThanOrEqual(LANES);
        row.given += ids.length;
        row.lost += lost;
      }
      table.push(row);
    });

    it('pks:T-44 sec:F-PK-6 the stream is cut and the server is restarted: same key, same prekeys', async () => {
      await using rig = await PrekeyRig.start(url());
      const device = rig.device(`stayer${name.toLowerCase()}`);
      await rig.exchange(device, publishing(device.content(2)));
      const { fingerprint } = rig.server;
      for (let run = 0; run < RUNS; run += 1) {
        const since = rig.server.log.length;
        rig.wire.cut();
        await rig.server.logged('"event":"stream.ready"', since);
        expect(await rig.exchange(device, { tag: 'request', request: { tag: 'status' } })).toBe(
          'status',
        );
      }
      expect(await rig.server.stop()).toBe(0);
      await rig.server.restart();
      expect(rig.server.fingerprint).toBe(fingerprint);
      expect(await countOf(rig, device)).toBe(2);
      table.push({ fault: `F-PK-6 ${name}`, runs: RUNS, cuts: RUNS });
    });
  },
);

describe('the prekey server and its PostgreSQL', { timeout: 120_000 + RUNS * 60_000 }, () => {
  it('pks:T-39 sec:F-PK-5 without it there is Failure and "wait", and it comes back within ten seconds', async () => {
    const { postgresql: database } = postgresql;
    await using rig = await PrekeyRig.start(database.url);
    const given: Given[] = [];
    let slowest = 0;
    for (let run = 0; run < RUNS; run += 1) {
      // One of its own each time: nobody may be asked about as often as it takes.
      const device = rig.device(`patient${String(run)}`);
      await rig.exchange(device, publishing(device.content(10)));
      const end = run % 2 === 0 ? database.stop() : database.kill();
      given.push(await rig.query(device.context.ourJid));
      await end;
      expect(await rig.query(device.context.ourJid)).toBe('error');
      expect(await rig.exchange(device, publishing(device.content(1)))).toBe('failed');
      await database.restart();
      const since = performance.now();
      for (let answer = await rig.query(device.context.ourJid); ;) {
        given.push(answer);
        if (typeof answer === 'number') break;
        await later(200, () => undefined);
        answer = await rig.query(device.context.ourJid);
      }
      slowest = Math.max(slowest, performance.now() - since);
    }
    expect(doubles(given)).toEqual([]);
    expect(slowest).toBeLessThan(10_000);
    table.push({ fault: 'F-PK-5 stopped, killed', runs: RUNS, back: `${slowest.toFixed(0)} ms` });
  });

  it('sec:T-F-PK-1 two instances hand out each prekey once, one of them killed on the way', async () => {
    const { url } = postgresql.postgresql;
    await using first = await PrekeyRig.start(url);
    await using second = await PrekeyRig.start(url);
    const device = first.device('shared');
    await first.exchange(device, publishing(device.content(100)));
    await first.exchange(device, publishing(device.content(100)));
    const given: Given[] = [];
    const ask = async (rig: PrekeyRig): Promise<void> => {
      // Less than an hour's worth from one instance, whose account books are its own.
      for (let n = 0; n < 14; n += 1) given.push(await rig.query(device.context.ourJid));
    };
    const lanes = Promise.all(
      [first, second].flatMap((rig) => [ask(rig), ask(rig), ask(rig), ask(rig)]),
    );
    await later(100, () => second.server.kill());
    await second.server.restart();
    await Promise.race([lanes, later(20_000, () => undefined)]);
    const ids = given.filter((one) => typeof one === 'number');
    expect(ids.length).toBeGreaterThan(50);
    expect(doubles(given)).toEqual([]);
    table.push({ fault: 'T-F-PK-1 two instances', runs: 1, given: ids.length, twice: 0 });
  });
});
