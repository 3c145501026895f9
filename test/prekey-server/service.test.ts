// SPDX-License-Identifier: GPL-3.0-or-later

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PREKEY_RATES } from '#otr';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeDake3, encodeDake3 } from '#otr/prekey/message/dake-3.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { serviceLimits } from '#prekey-server/service/limits.ts';
import { SqliteStorage } from '#prekey-server/storage/sqlite-storage.ts';
import type { PrekeyStorage } from '#prekey-server/storage/storage.ts';
import { typesOf } from '../support/prekey-world.ts';
import { bytes } from './commands.ts';
import { ServiceWorld, type TestDevice } from './service-world.ts';

const BOB = 'bob@z.example';
const ALICE = 'alice@a.example/desk';
const STATUS = { tag: 'request', request: { tag: 'status' } } as const;

let folder: string;
let storage: PrekeyStorage;
let world: ServiceWorld;
let bob: TestDevice;

beforeEach(async () => {
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sotto-service-'));
  storage = SqliteStorage.open(join(folder, 'prekeys.sqlite'));
  world = new ServiceWorld(storage);
  bob = world.device(BOB);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await storage.close();
  await rm(folder, { recursive: true, force: true });
});

function query(identity: string, versions = bytes('4')): string {
  const { ownerTag } = bob.keys.context.own.profile;
  return formatPrekeyArmor(
    encodeEnsembleQuery({ senderTag: ownerTag, identity: bytes(identity), versions }),
  );
}
const asks = async (from: string, identity: string) =>
  typesOf((await world.answer(from, query(identity))).bodies);
const ignored = (why: string): boolean => world.log.includes(`"why":"${why}"`);
/** How many messages were dropped because too much was waiting. */
const dropped = (): number => Number(/what="busy"} (\d+)/.exec(world.metrics.format())?.[1] ?? 0);
const fragments = (body: string, size: number): readonly string[] => {
  const pieces = body.match(new RegExp(`.{1,${String(size)}}`, 'g')) ?? [];
  return pieces.map(
    (piece, k) => `?OTRP|7|101|0,${String(k + 1)},${String(pieces.length)},${piece},`,
  );
};

describe('what is answered', () => {
  it('pks:T-15 pks:T-20 two devices publish at once, and each is told what it has', async () => {
    const phone = world.device(BOB, 'phone');
    const outcomes = await Promise.all([bob.publish(2), phone.publish(3)]);
    expect(outcomes.map((outcome) => outcome?.tag)).toEqual(['published', 'published']);
    expect(await bob.status()).toEqual({ tag: 'status', count: 2 });
    expect(await phone.status()).toEqual({ tag: 'status', count: 3 });
  });

  it('pks:T-32 pks:T-34 a query is answered with what there is, for versions that we have', async () => {
    await bob.publish(2);
    const versions = [bytes(''), bytes('9'), bytes('45'), Uint8Array.of(4), bytes('4')];
    const answers = [];
    for (const asked of versions) {
      answers.push(...typesOf((await world.answer(ALICE, query(BOB, asked))).bodies));
    }
    expect(answers).toEqual([0x0e, 0x0e, 0x13, 0x13, 0x0e]);
  });

  it('pks:T-46 fragments in any order are put together, the rest of it is not', async () => {
    const dake3 = await bob.upToDake3(bob.publishing(1));
    const [first = '', second = '', ...others] = fragments(dake3, 700);
    const heard = [];
    for (const fragment of [...others.toReversed(), second, second, first]) {
      heard.push(...(await world.answer(bob.from, fragment)).bodies);
    }
    expect(typesOf(heard)).toEqual([0x06]);
    const [late = ''] = fragments(dake3, 700);
    expect((await world.answer(bob.from, late)).bodies).toEqual([]);
    const odd = late.replace(/,\d+,/, ',99,');
    expect((await world.answer(bob.from, odd)).bodies).toEqual([]);
  });

  it('sec:F-PK-13 a hundred are taken in one body, and in pieces in any order; with one missing nothing is', async () => {
    const phone = world.device(BOB, 'phone');
    expect(await bob.publish(100)).toMatchObject({ tag: 'published' });
    const pieces = fragments(await phone.upToDake3(phone.publishing(100)), 1000);
    expect(pieces.length).toBeGreaterThan(60);
    const heard = [];
    for (const piece of pieces.slice(1).toReversed()) {
      heard.push(...(await world.answer(phone.from, piece)).bodies);
    }
    expect(heard).toEqual([]);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(phone) })).toBe(0);
    heard.push(...(await world.answer(phone.from, pieces[0] ?? '')).bodies);
    expect(typesOf(heard)).toEqual([0x06]);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(phone) })).toBe(100);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(bob) })).toBe(100);
  });

  it('PS-46 one sender is answered in order, whatever takes long', async () => {
    await bob.publish(1);
    const order: string[] = [];
    const note = (name: string) => ({
      send: () => order.push(name),
      reject: () => order.push(`${name} rejected`),
    });
    const [dake1 = ''] = bob.step(STATUS);
    world.service.receive({ from: bob.from, body: dake1 }, note('dake'));
    world.service.receive({ from: bob.from, body: query(BOB) }, note('query after'));
    world.service.receive({ from: ALICE, body: query(BOB) }, note('query beside'));
    await world.idle();
    expect(order).toEqual(['query beside', 'dake', 'query after']);
  });
});

describe('what is not', () => {
  it('pks:T-16 a publication or a storage request outside an exchange', async () => {
    const dake3 = await bob.upToDake3(bob.publishing(1));
    const { message } = decodeDake3(parsePrekeyArmor(dake3));
    expect((await world.answer(bob.from, formatPrekeyArmor(message))).bodies).toEqual([]);
    const asked = await world.device(BOB, 'phone').upToDake3(STATUS);
    const request = decodeDake3(parsePrekeyArmor(asked)).message;
    expect((await world.answer(bob.from, formatPrekeyArmor(request))).bodies).toEqual([]);
    expect(ignored('no-message')).toBe(true);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(bob) })).toBe(0);
  });

  it('pks:T-17 pks:T-18 sec:T-P-AUTH-1 a DAKE-3 of another address or tag, or the same one twice', async () => {
    const dake3 = await bob.upToDake3(bob.publishing(1));
    for (const from of [`${BOB}/other`, BOB, 'eve@z.example/desk']) {
      expect((await world.answer(from, dake3)).bodies).toEqual([]);
    }
    const parts = decodeDake3(parsePrekeyArmor(dake3));
    const other = world.device(BOB, 'desk').keys.context.own.profile.ownerTag;
    const relabelled = formatPrekeyArmor(encodeDake3({ ...parts, senderTag: other }));
    expect((await world.answer(bob.from, relabelled)).bodies).toEqual([]);
    expect(typesOf((await world.answer(bob.from, dake3)).bodies)).toEqual([0x06]);
    expect((await world.answer(bob.from, dake3)).bodies).toEqual([]);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(bob) })).toBe(1);
  });

  it('pks:T-19 the DAKE-3 of an exchange that another has replaced', async () => {
    const old = await bob.upToDake3(bob.publishing(1));
    const fresh = await world.device(BOB, 'desk', bob.keys).upToDake3(STATUS);
    expect(typesOf((await world.answer(bob.from, fresh)).bodies)).toEqual([0x0b]);
    expect((await world.answer(bob.from, old)).bodies).toEqual([]);
  });

  it('pks:T-43 an exchange with an account of another domain, though it may ask', async () => {
    await bob.publish(1);
    const eve = world.device('eve@elsewhere.example');
    const [dake1 = ''] = eve.step(STATUS);
    expect((await world.answer(eve.from, dake1)).bodies).toEqual([]);
    expect(ignored('not-allowed')).toBe(true);
    expect(await asks(eve.from, BOB)).toEqual([0x13]);
  });

  it('sec:T-P-LOOP-1 what bears our own address, or is no request', async () => {
    await bob.publish(1);
    const { bodies } = await world.answer(ALICE, query(BOB));
    for (const reply of bodies) {
      expect((await world.answer('prekey.other.example', reply)).bodies).toEqual([]);
    }
    expect((await world.answer(world.known.jid, query(BOB))).bodies).toEqual([]);
  });
});

function shelfOf({ keys }: TestDevice) {
  const { ownerTag, publicKey } = keys.context.own.profile;
  return { identity: BOB, ownerTag, publicKey };
}

describe('too much', () => {
  it('pks:T-40 sec:T-P-RL-1 the sixth query about one account within a minute is told to wait', async () => {
    await bob.publish(8);
    const most = PREKEY_RATES.queriesPerPair.count;
    for (let n = 0; n < most; n += 1) expect(await asks(ALICE, BOB)).toEqual([0x13]);
    const late = await world.answer(ALICE, query(BOB));
    expect(late).toEqual({ bodies: [], rejected: 1 });
    expect(await asks('carol@a.example/desk', BOB)).toEqual([0x13]);
    expect(await storage.count({ tag: 'count', shelf: shelfOf(bob) })).toBe(8 - most - 1);
  });

  it('sec:T-P-DOS-1 a thousand accounts get no more of one target than its bucket holds', async () => {
    await bob.publish(100);
    const answers = [];
    for (let n = 0; n < 1000; n += 1) {
      answers.push(await asks(`stranger${String(n)}@a.example/x`, BOB));
    }
    expect(answers.filter(({ length }) => length > 0)).toHaveLength(
      PREKEY_RATES.queriesPerTarget.count,
    );
  });

  it('sec:T-P-DOS-2 the accounts of one domain together have a bucket as well', async () => {
    await using small = new ServiceWorld(storage, {
      domainLimits: {
        queries: { count: 3, withinMs: 3_600_000 },
        exchanges: { count: 2, withinMs: 60_000 },
      },
    });
    const outcomes = [];
    for (let n = 0; n < 5; n += 1) {
      const { rejected } = await small.answer(`eve${String(n)}@evil.example/x`, query(BOB));
      outcomes.push(rejected);
    }
    expect(outcomes).toEqual([0, 0, 0, 1, 1]);
    expect((await small.answer(ALICE, query(BOB))).rejected).toBe(0);
    const heard = [];
    for (let n = 0; n < 3; n += 1) {
      const device = small.device(`u${String(n)}@z.example`);
      const [dake1 = ''] = device.step(STATUS);
      heard.push((await small.answer(device.from, dake1)).bodies.length);
    }
    expect(heard).toEqual([1, 1, 0]);
  });

  it('sec:T-P-DOS-3 one account cannot fill the queue, and a full queue is silent', async () => {
    // Read to its end by a worker, and found to be nothing: what a flood is made of.
    const flood = `AAQ1${'A'.repeat(400)}.`;
    for (let n = 0; n < 40; n += 1) world.receive(`${BOB}/${String(n)}`, flood);
    await Promise.resolve();
    expect(world.service.load.exchanges).toBeLessThan(serviceLimits.exchangesPerAccount);
    for (let n = 0; n < 250; n += 1) world.receive(`u${String(n)}@z.example/desk`, flood);
    const [beside] = [world.receive(ALICE, query(BOB))];
    await vi.waitFor(() => {
      expect(beside.bodies).toHaveLength(1);
    });
    await world.idle();
    expect(dropped()).toBe(40 - serviceLimits.exchangesPerAccount);
    expect(world.service.load).toEqual({ exchanges: 0, queries: 0, senders: 0 });
  });

  it('sec:T-P-DOS-3 what waits is so many characters at most, of one account and of all', async () => {
    const long = `AAQ1${'A'.repeat(250_000 - 5)}.`;
    const most = (limit: number): number => Math.floor(limit / long.length);
    const flood = (account: string, places: number): void => {
      for (let place = 0; place < places; place += 1) {
        for (let n = 0; n < serviceLimits.messagesPerSender; n += 1) {
          world.receive(`${account}/${String(place)}`, long);
        }
      }
    };
    flood(BOB, 2);
    const ofOne = most(serviceLimits.waitingCharsPerAccount);
    expect(ofOne).toBeLessThan(32);
    expect(dropped()).toBe(32 - ofOne);
    for (let n = 0; n < 12; n += 1) flood(`u${String(n)}@z.example`, 1);
    const sent = 2 * 16 + 12 * 16;
    expect(dropped()).toBe(sent - most(serviceLimits.waitingChars));
    await world.idle();
    const carol = world.device('carol@z.example');
    expect(await carol.status()).toMatchObject({ tag: 'status' });
  });

  it('sec:T-P-DOS-4 one sender has sixteen messages waiting at most', async () => {
    const heard = Array.from({ length: 40 }, () => world.receive(ALICE, query(BOB)));
    await world.idle();
    const answered = heard.filter(({ bodies, rejected }) => bodies.length + rejected > 0);
    expect(answered).toHaveLength(serviceLimits.messagesPerSender);
  });
});

describe('when something breaks', () => {
  it('pks:T-39 without a store an exchange ends in Failure, a query is told to wait, and it comes back', async () => {
    let isDown = true;
    const honest = storage;
    const flaky: PrekeyStorage = {
      ...methodsOf(honest, () => isDown),
      close: () => Promise.resolve(),
    };
    await using shaky = new ServiceWorld(flaky);
    const device = shaky.device(BOB);
    expect(await device.publish(1)).toMatchObject({ tag: 'failed', why: 'refused' });
    expect(await device.status()).toMatchObject({ tag: 'failed', why: 'refused' });
    expect(await shaky.answer(ALICE, query(BOB))).toEqual({ bodies: [], rejected: 1 });
    expect(shaky.service.isStoreUp).toBe(false);
    isDown = false;
    expect(await device.publish(1)).toMatchObject({ tag: 'published' });
    expect(shaky.service.isStoreUp).toBe(true);
    expect(shaky.log).toContain('"event":"store.back"');
  });

  it('a worker that dies is replaced; what it had begun is begun again', async () => {
    const [dake1 = ''] = bob.step(STATUS);
    expect((await world.answer(bob.from, dake1)).bodies).toHaveLength(1);
    await world.workers[0]?.terminate();
    await vi.waitFor(() => {
      expect(world.workers).toHaveLength(2);
    }, 10_000);
    const again = world.device(BOB);
    expect(await again.publish(1)).toMatchObject({ tag: 'published' });
    expect(world.log).toContain('"event":"worker.died"');
    expect(world.metrics.format()).toContain('sotto_prekey_worker_deaths_total 1');
  });

  it('sec:T-P-LOG-1 logs and metrics hold no address and nothing of a message', async () => {
    await bob.publish(2);
    await world.answer(ALICE, query(BOB));
    await world.answer(ALICE, 'my secret plan');
    await world.answer('mallory@elsewhere.example/desk', bob.step(STATUS)[0] ?? '');
    const seen = world.log + world.metrics.format();
    expect(seen).toContain('published');
    for (const word of ['bob', 'alice', 'mallory', 'example', 'secret', 'plan', 'AAQ', '@', '0x']) {
      expect(seen).not.toContain(word);
    }
  });
});

function methodsOf(store: PrekeyStorage, isDown: () => boolean): Omit<PrekeyStorage, 'close'> {
  const unlessDown = <T>(work: () => Promise<T>): Promise<T> =>
    isDown() ? Promise.reject(new Error('down')) : work();
  return {
    publish: (command, now) => unlessDown(() => store.publish(command, now)),
    count: (command) => unlessDown(() => store.count(command)),
    take: (asked, now) => unlessDown(() => store.take(asked, now)),
    sweep: (now) => unlessDown(() => store.sweep(now)),
  };
}
