// SPDX-License-Identifier: GPL-3.0-or-later

import { beforeEach, describe, expect, it } from 'vitest';
import { ClockCheck } from '#main/account/clock-check.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { parseFullJid } from '#shared/model/jid.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const jid = parseFullJid('alice@example.org/desk');
if (!jid.ok) throw new RangeError('a full JID expected');
const session: WireEvent = { tag: 'session', resumed: false, jid: jid.value, acknowledges: true };

let clock: FakeClock;
/** How far the server is behind; undefined: it does not say. */
let serverBehindMs: number | undefined;
let asked: number;
let told: number[];
let check: ClockCheck;

beforeEach(() => {
  clock = new FakeClock();
  serverBehindMs = 0;
  asked = 0;
  told = [];
  const fetchServerTime = () => {
    asked += 1;
    const at = serverBehindMs === undefined ? undefined : clock.now() - serverBehindMs;
    return Promise.resolve(at);
  };
  check = new ClockCheck(clock, { fetchServerTime }, () => {
    told.push(check.aheadMs);
  });
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
async function meet(behindMs: number | undefined): Promise<void> {
  serverBehindMs = behindMs;
  check.hear(session);
  await settle();
}

describe("sec:F-CLK-1 the clock of this computer beside the server's", () => {
  it.each([
    [0, 0],
    [HOUR_MS - 1, 0],
    [1 - HOUR_MS, 0],
    [HOUR_MS, HOUR_MS],
    [-HOUR_MS, -HOUR_MS],
    [10 * 365 * 24 * HOUR_MS, 10 * 365 * 24 * HOUR_MS],
  ])('is told of from an hour on: %i ms ahead is %i', async (behindMs, expected) => {
    await meet(behindMs);
    expect(check.aheadMs).toBe(expected);
    expect(told).toEqual(expected === 0 ? [] : [expected]);
  });

  it('is not judged where the server does not say, and asked for with each session only', async () => {
    await meet(undefined);
    check.hear({ tag: 'connection', state: { tag: 'offline' } });
    await settle();
    expect([check.aheadMs, asked, told]).toEqual([0, 1, []]);
  });

  it('is looked at again each minute until it is right, and then no more', async () => {
    await meet(2 * HOUR_MS);
    await meet(2 * HOUR_MS);
    expect([asked, clock.pending]).toEqual([2, 1]);
    clock.step(60_000);
    await settle();
    expect(asked).toBe(3);
    serverBehindMs = 0;
    clock.step(60_000);
    await settle();
    expect([asked, check.aheadMs, clock.pending]).toEqual([4, 0, 0]);
    expect(told).toEqual([2 * HOUR_MS, 0]);
  });

  it('is not looked at again while there is no line', async () => {
    await meet(2 * HOUR_MS);
    serverBehindMs = undefined;
    clock.step(60_000);
    await settle();
    expect([check.aheadMs, clock.pending]).toEqual([2 * HOUR_MS, 0]);
  });
});
