// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { LIMITS } from '#otr/limits.ts';
import { admit, NO_RATES } from '#otr/prekey/server/rates.ts';
import type { RateTable } from '#otr/prekey/server/rates.ts';
import {
  addSession,
  dropLateSessions,
  makeRoomForSession,
  nextLateSessionAt,
  NO_SESSIONS,
  takeSession,
} from '#otr/prekey/server/sessions.ts';
import type { PrekeySession, SessionTable } from '#otr/prekey/server/sessions.ts';
import { publisherContext, SERVER_JID } from '../../support/prekey-parties.ts';
import {
  converse,
  PrekeyClock,
  TestClient,
  TestServer,
  typesOf,
} from '../../support/prekey-world.ts';

const key = publisherContext().own.longTermKey.public;
const transcript = {
  ends: { publisherJid: 'a@b', serverJid: SERVER_JID },
  profile: key,
  compositeIdentity: key,
  publisherKey: key,
  serverKey: key,
  publisherEcdh: key,
  serverEcdh: key,
};
const tagOf = (value: number) => validateInstanceTag(value, 'tag');

function session(from: string, tag = 0x101, createdAt = 0): PrekeySession {
  const secret = Secret.own(new Uint8Array(64), 64);
  return { from, tag: tagOf(tag), transcript, secret, createdAt };
}

function begin(table: SessionTable, one: PrekeySession, now = 0): SessionTable {
  const room = makeRoomForSession(table, one.from, one.tag, now);
  if (room === undefined) throw new Error('full');
  return addSession(room.next, one);
}

describe('sessions of a prekey server', () => {
  it('four of an account, the oldest giving way', () => {
    const four = [1, 2, 3, 4].map((n) => session(`a@b/${n}`));
    const table = four.reduce((rest, one) => begin(rest, one), NO_SESSIONS);
    expect(table.size).toBe(LIMITS.prekeySessionsPerAccount);
    expect(makeRoomForSession(table, 'c@d/1', tagOf(0x101), 0)?.retired).toEqual([]);
    const room = makeRoomForSession(table, 'a@b/5', tagOf(0x101), 0);
    expect(room?.retired).toEqual([four[0]?.secret]);
    expect([...(room?.next.values() ?? [])]).toEqual(four.slice(1));
    expect(table.size).toBe(4);
  });

  it('one of a device: a second takes its place', () => {
    const first = session('a@b/desk');
    const room = makeRoomForSession(begin(NO_SESSIONS, first), 'a@b/desk', tagOf(0x101), 0);
    expect(room?.retired).toEqual([first.secret]);
    expect(room?.next.size).toBe(0);
    const other = makeRoomForSession(begin(NO_SESSIONS, first), 'a@b/desk', tagOf(0x102), 0);
    expect(other?.retired).toEqual([]);
  });

  it('10,000 in all: nobody new is let in, and nobody is driven out', () => {
    const entries = Array.from({ length: LIMITS.prekeySessions }, (_, n) => {
      const one = session(`p${n}@b/x`);
      return [`${one.tag}|${one.from}`, one] as const;
    });
    const almost: SessionTable = new Map(entries.slice(1));
    const full: SessionTable = new Map(entries);
    expect(makeRoomForSession(almost, 'a@b/x', tagOf(0x101), 0)?.next.size).toBe(
      LIMITS.prekeySessions - 1,
    );
    expect(makeRoomForSession(full, 'a@b/x', tagOf(0x101), 0)).toBeUndefined();
    expect(makeRoomForSession(full, 'p7@b/x', tagOf(0x101), 0)).toBeDefined();
    const later = makeRoomForSession(full, 'a@b/x', tagOf(0x101), LIMITS.prekeySessionLifetimeMs);
    expect(later?.next.size).toBe(0);
    expect(later?.retired).toHaveLength(LIMITS.prekeySessions);
  });

  it('five minutes each', () => {
    const { prekeySessionLifetimeMs } = LIMITS;
    const table = begin(NO_SESSIONS, session('a@b/x', 0x101, 1000), 1000);
    expect(nextLateSessionAt(table)).toBe(1000 + prekeySessionLifetimeMs);
    const last = 1000 + prekeySessionLifetimeMs - 1;
    expect(takeSession(table, 'a@b/x', tagOf(0x101), last)?.next.size).toBe(0);
    expect(takeSession(table, 'a@b/x', tagOf(0x101), last + 1)).toBeUndefined();
    expect(dropLateSessions(table, last).next).toBe(table);
    expect(dropLateSessions(table, last + 1).retired).toHaveLength(1);
    expect(nextLateSessionAt(NO_SESSIONS)).toBeUndefined();
  });
});

describe('rates of a prekey server', () => {
  const rate = { count: 5, withinMs: 60_000 };
  const take = (table: RateTable | undefined, now: number, name = 'a') =>
    table === undefined ? undefined : admit(table, [{ key: name, rate }], now);

  it('five at once, then one in twelve seconds', () => {
    let table: RateTable | undefined = NO_RATES;
    for (let n = 0; n < 5; n += 1) table = take(table, 0);
    expect(table).toBeDefined();
    expect(take(table, 0)).toBeUndefined();
    expect(take(table, 11_999)).toBeUndefined();
    expect(take(table, 12_000)).toBeDefined();
    expect(take(table, 0, 'b')).toBeDefined();
    let refilled: RateTable | undefined = table;
    for (let n = 0; n < 5; n += 1) refilled = take(refilled, 60_000);
    expect(refilled).toBeDefined();
    expect(take(refilled, 60_000)).toBeUndefined();
  });

  it('a refusal takes nothing from the other buckets', () => {
    const empty = { key: 'empty', rate: { count: 1, withinMs: 60_000 } };
    const other = { key: 'other', rate: { count: 1, withinMs: 60_000 } };
    const table = admit(NO_RATES, [empty], 0);
    if (table === undefined) throw new Error('refused');
    expect(admit(table, [other, empty], 0)).toBeUndefined();
    expect(admit(table, [other], 0)).toBeDefined();
  });

  it('memory is bounded: what was used longest ago makes room', () => {
    let table: RateTable | undefined = take(NO_RATES, 0, 'first');
    for (let n = 0; n < 2000 && table !== undefined; n += 1) table = take(table, 0, `key ${n}`);
    const sizes = table?.shards.map((shard) => shard.size) ?? [];
    expect(sizes).toHaveLength(64);
    expect(Math.max(...sizes)).toBeLessThan(100);
    const [shard] = [new Map(Array.from({ length: 1024 }, (_, n) => [`old ${n}`, 5000] as const))];
    const crowded: RateTable = { shards: NO_RATES.shards.map(() => shard) };
    const within = take(crowded, 0, 'new');
    expect(within?.shards.map(({ size }) => size)).toEqual(Array.from({ length: 64 }, () => 1024));
    const changed = within?.shards.find((one) => one !== shard);
    expect([changed?.has('old 0'), changed?.has('old 1'), changed?.has('new')]).toEqual([
      false,
      true,
      true,
    ]);
    const later = take(crowded, 5000, 'new')?.shards.find((one) => one !== shard);
    expect(later?.size).toBe(1);
  });

  /** Every shard alike, so that it does not matter which one a key falls into. */
  const alike = (entries: ReadonlyMap<string, number>): RateTable => ({
    shards: NO_RATES.shards.map(() => entries),
  });
  const changedIn = (before: RateTable, after: RateTable | undefined): number =>
    before.shards.findIndex((shard, k) => shard !== after?.shards[k]);

  it('what is full again goes when there is no room, and nothing else with it', () => {
    const entries = (count: number, late: number) =>
      new Map(Array.from({ length: count }, (_, n) => [`${n}`, n < late ? 5000 : 6000] as const));
    const sizeAfter = (shard: ReadonlyMap<string, number>) => {
      const table = alike(shard);
      const next = take(table, 5000, 'new');
      return next?.shards[changedIn(table, next)]?.size;
    };
    expect(sizeAfter(entries(1023, 1000))).toBe(1024);
    expect(sizeAfter(entries(1024, 1))).toBe(1024);
    expect(sizeAfter(entries(1024, 2))).toBe(1023);
  });

  it('who asks again is not the one that makes room', () => {
    const table = alike(new Map(Array.from({ length: 1024 }, (_, n) => [`old ${n}`, 5000])));
    const asked = take(table, 0, 'old 0');
    if (asked === undefined) throw new Error('refused');
    const at = changedIn(table, asked);
    const names = Array.from({ length: 2000 }, (_, n) => `new ${n}`);
    const inSameShard = names.find((name) => changedIn(asked, take(asked, 0, name)) === at);
    const crowded = take(asked, 0, inSameShard)?.shards[at];
    expect([crowded?.has('old 0'), crowded?.has('old 1')]).toEqual([true, false]);
  });

  it('pks:T-40 a hundred exchanges of an account in a day', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock);
    const client = new TestClient(clock, publisherContext());
    const [dake1 = ''] = client.step({ tag: 'request', request: { tag: 'status' } });
    const table = Array.from({ length: 96 }).reduce<RateTable>((rest) => {
      const next = admit(
        rest,
        [{ key: `dake-day|zoe@z.example`, rate: { count: 100, withinMs: 86_400_000 } }],
        clock.monotonicMs,
      );
      return next ?? rest;
    }, NO_RATES);
    server.state = { ...server.state, rates: table };
    const answered = Array.from({ length: 6 }, () => server.receive(client.from, dake1).length);
    expect(answered).toEqual([1, 1, 1, 1, 0, 0]);
    expect(server.ignored).toEqual(['rate-limited']);
  });

  it('pks:T-40 thirty queries of one account in a minute', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock);
    const client = new TestClient(clock, publisherContext());
    const answers = Array.from({ length: 31 }, (_, n) => {
      client.state = { ...client.state, queries: [] };
      return converse(client, server, { tag: 'query', identity: `p${n}@b.example` });
    });
    expect(answers.slice(0, 30).map(typesOf)).toEqual(
      Array.from({ length: 30 }, () => [0x10, 0x0e]),
    );
    expect(answers.slice(30).map(typesOf)).toEqual([[0x10]]);
  });
});
