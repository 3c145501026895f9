// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { formatHex } from '#otr/bytes.ts';
import { Mortal } from '../support/mortal.ts';
import { PrekeyStage, type Publisher, type StageServer } from '../support/prekey-stage.ts';

const HOUR_MS = 3_600_000;

/** Everything that a server was ever given, by id. */
function record({ server: { shelves } }: StageServer): ReadonlyMap<number, ReadonlySet<string>> {
  const given = new Map<number, Set<string>>();
  const publish = shelves.publish.bind(shelves);
  shelves.publish = (command, nowMs) => {
    for (const { id, raw } of command.prekeyMessages) {
      given.set(id, (given.get(id) ?? new Set()).add(formatHex(raw)));
    }
    return publish(command, nowMs);
  };
  return given;
}

/** Ids that somebody may be given although their secrets are not there. */
const orphans = ({ service }: Publisher, { server }: StageServer): readonly number[] =>
  server.shelves.devices
    .flatMap(({ messages }) => messages.map(({ id }) => id))
    .filter((id) => service.find(id) === undefined);

/** Publishes for the first time, is killed at that step, and is started again. */
async function publishing(killAt: number): Promise<Mortal> {
  const stage = new PrekeyStage();
  try {
    const server = stage.server('example.org');
    const given = record(server);
    const mortal = new Mortal(killAt);
    const bob = stage.party('bob', { mortal });
    await bob.goOnline();
    await stage.pass(HOUR_MS);
    expect(mortal.isDead).toBe(killAt !== Infinity);
    if (killAt === Infinity) {
      expect(bob.view().left).toBe(100);
      return mortal;
    }

    const again = stage.party('bob', { after: bob });
    const before = orphans(again, server);
    await again.goOnline();
    await stage.pass(HOUR_MS);
    const where = mortal.steps.join(', ');
    expect(before, where).toEqual([]);
    expect(orphans(again, server), where).toEqual([]);
    expect(again.view(), where).toMatchObject({ stage: 'published', left: 100 });
    expect(again.failures, where).toEqual([]);
    const twice = [...given.values()].filter(({ size }) => size > 1);
    expect(twice, where).toEqual([]);
    return mortal;
  } finally {
    stage.close();
  }
}

describe('a program that is killed while it publishes', () => {
  it('pks:T-56 sec:F-PK-8 never lets a server hand out what it cannot read, and mends it alone', async () => {
    const { steps } = await publishing(Infinity);
    // Before its secrets are written nothing of a publication exists, wherever that is.
    const written = steps.lastIndexOf('before sending a prekey message') - 3;
    expect(steps[written]).toBe('before a transaction');
    await publishing(0);
    for (let killAt = written; killAt < steps.length; killAt += 1) await publishing(killAt);
  }, 240_000);
});
