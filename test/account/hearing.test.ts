// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { Hearing } from '#main/account/hearing.ts';
import { OnceInAWhile } from '#main/account/once-in-a-while.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';

const event: WireEvent = { tag: 'acknowledged', id: 'x' };
const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

function listening() {
  const line: string[] = [];
  const failures: unknown[] = [];
  const waiting: (() => void)[] = [];
  const hearing = new Hearing(
    {
      hold: () => line.push('hold'),
      release: () => line.push('release'),
    },
    {
      contacts: ({ tag }) =>
        tag === 'roster' ? Promise.reject(new Error('bad')) : Promise.resolve(),
      conversations: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
        }),
      failed: (cause) => failures.push(cause),
    },
  );
  const finish = async (count: number): Promise<void> => {
    for (const done of waiting.splice(0, count)) done();
    await breathe();
  };
  return { hearing, line, failures, waiting, finish };
}

describe('sec:T-F-FLOOD-1 what nobody has dealt with yet', () => {
  it.each([
    [999, []],
    [1000, ['hold']],
    [1001, ['hold']],
  ])('of %i events the line hears %j', async (count, expected) => {
    const { hearing, line } = listening();
    for (let k = 0; k < count; k += 1) hearing.hear(event);
    await breathe();
    expect(line).toEqual(expected);
  });

  it('is taken again when little is left, and not before', async () => {
    const { hearing, line, finish } = listening();
    for (let k = 0; k < 1000; k += 1) hearing.hear(event);
    await breathe();
    await finish(799);
    expect(line).toEqual(['hold']);
    await finish(1);
    expect(line).toEqual(['hold', 'release']);
  });

  it('does not stop at what went wrong', async () => {
    const { hearing, failures, waiting } = listening();
    hearing.hear({ tag: 'roster', items: [] });
    hearing.hear(event);
    await breathe();
    expect(failures).toHaveLength(1);
    expect(waiting).toHaveLength(2);
  });
});

describe('sec:T-F-FLOOD-3 what is told once in a while', () => {
  it('is told at once, and once more for all that came in the pause', () => {
    const alarms: (() => void)[] = [];
    let told = 0;
    const telling = new OnceInAWhile(
      (_ms, call) => {
        alarms.push(call);
        return () => alarms.splice(alarms.indexOf(call), 1);
      },
      250,
      () => {
        told += 1;
      },
    );
    for (let k = 0; k < 10_000; k += 1) telling.ask();
    expect(told).toBe(1);
    alarms.shift()?.();
    expect(told).toBe(2);
    alarms.shift()?.();
    expect([told, alarms.length]).toEqual([2, 0]);
    telling.ask();
    telling.ask();
    expect(told).toBe(3);
    telling.stop();
    expect(alarms).toEqual([]);
  });
});
