// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import type * as Cipher from '#otr/crypto/cipher.ts';

import { Happens } from '../../support/happens.ts';
import { digestOf, expectAgreement, isOneSession, sealedUnder, World } from './world.ts';
import type { Event } from './world.ts';

/** Watches under which key each ciphertext is made. */
vi.mock('#otr/crypto/cipher.ts', async (load) => {
  const original = await load<typeof Cipher>();
  const cipher: typeof original.cipher = (key, bytes) => {
    const result = original.cipher(key, bytes);
    sealedUnder.set(digestOf(result), key.lend(digestOf));
    return result;
  };
  return { ...original, cipher };
});

const RUNS = Number(process.env['MODEL_RUNS'] ?? 1);

const by = fc.nat(7);
const at = fc.nat(1000);

const tagged = <Tag extends string>(tag: Tag) => fc.constant(tag);

const talk: fc.Arbitrary<Event> = fc.record({ tag: tagged('say'), by });

const network: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ tag: tagged('deliver'), at: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ tag: tagged('deliver'), at }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constantFrom('drop', 'duplicate'), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ tag: tagged('cut'), by, length: fc.integer({ min: 300, max: 2000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ tag: tagged('pass'), ms: fc.nat(90_000) }) },
);

const attack: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ tag: fc.constantFrom('replay', 'forge'), at }),
  fc.record({ tag: tagged('redirect'), at, to: by }),
  fc.record({ tag: tagged('corrupt'), at, bit: fc.nat() }),
  fc.record({ tag: tagged('splice'), at, other: at, cut: fc.nat() }),
);

const user: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ tag: fc.constantFrom('start', 'ask', 'answer', 'prepare'), by }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ tag: fc.constantFrom('cancel', 'end', 'give-up', 'offline'), by }),
  },
  { weight: 1, arbitrary: fc.record({ tag: tagged('restart'), by }) },
  { weight: 1, arbitrary: fc.record({ tag: tagged('pass'), ms: fc.constant(3 * 3_600_000) }) },
);

const toCommand = (event: Event): Happens<Event, World> => new Happens(event);

/** First a session on each link where `established` says so, then whatever happens. */
function begin(clients: number, seed: number, established: boolean): World {
  const world = new World(clients, seed.toString());
  for (const end of world.ends) {
    if (established && end.name === 'bob')
      world.happen({ tag: 'start', by: world.ends.indexOf(end) });
  }
  world.deliverAll();
  return world;
}

/** Nothing is lost any more, and what was under way has come to its end. */
function calm(world: World): void {
  for (const end of world.ends)
    world.happen({ tag: 'cut', by: world.ends.indexOf(end), length: 8000 });
  world.deliverAll();
  world.pass(11 * 60_000);
  world.deliverAll();
}

/** One word each way. */
function roundTrip(world: World, link: number): void {
  for (const end of world.ends.filter((one) => one.link === link)) {
    const text = world.say(end);
    world.deliverAll();
    expect(world.hasRead(text), `${end.name} is heard: ${text}`).toBe(true);
  }
}

/** A session that both still stand in heals by itself; any other can be begun anew. */
function expectHealed(world: World): void {
  for (const one of world.ends.filter(({ name }) => name === 'alice')) {
    const other = world.other(one);
    if (!isOneSession(one, other)) {
      for (const end of [one, other]) world.happen({ tag: 'end', by: world.ends.indexOf(end) });
      world.waiting.splice(0);
      world.pass(3_600_000);
      world.happen({ tag: 'start', by: world.ends.indexOf(other) });
      world.deliverAll();
    }
    roundTrip(world, one.link);
    roundTrip(world, one.link);
    expectAgreement(one, other);
  }
}

function holds(clients: number, events: readonly fc.Arbitrary<Event>[], numRuns: number): void {
  const commands = fc.commands(
    events.map((event) => event.map(toCommand)),
    { maxCommands: 60, size: '+1' },
  );
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), commands, (seed, established, happening) => {
      sealedUnder.clear();
      const world = begin(clients, seed, established);
      fc.modelRun(() => ({ model: {}, real: world }), happening);
      calm(world);
      expectHealed(world);
    }),
    { numRuns: numRuns * RUNS, interruptAfterTimeLimit: 60_000 * RUNS },
  );
}

describe('a world in which anything may happen', { timeout: 120_000 + RUNS * 60_000 }, () => {
  it('otr:T-223 two whose messages are damaged on their way', () => {
    const corrupted = fc.record({ tag: tagged('corrupt'), at: fc.nat(3), bit: fc.nat() });
    holds(1, [talk, talk, network, corrupted], 5);
  });

  it('sec:T-O-MAC-1 two who let an attacker have every key that they reveal', () => {
    const forge = fc.record({ tag: tagged('forge'), at });
    holds(1, [talk, talk, network, network, forge], 4);
  });

  it('sec:T-O-MAC-1 two who took turns have revealed a key that an attacker can speak under', () => {
    const world = begin(1, 1, true);
    for (const by of [0, 1, 0, 1]) {
      world.happen({ tag: 'say', by });
      world.deliverAll();
    }
    world.happen({ tag: 'forge', at: 0 });
    expect(world.forged).toBe(1);
    expectHealed(world);
  });

  it('sec:B8 sec:T-O-DUP-1 otr:T-226 two who talk over a network that loses, repeats and turns around', () => {
    holds(1, [talk, talk, network, network, network], 12);
  });

  it('sec:B7 otr:T-223 two whose users begin, end, compare, go away and come back, under attack', () => {
    holds(1, [talk, talk, talk, network, network, network, network, user, attack], 14);
  });

  it('sec:B7 sec:T-O-TAG-1 sec:T-O-PHI-1 one who talks to two clients of the same person, under attack', () => {
    holds(2, [talk, talk, talk, network, network, network, network, user, attack], 10);
  });
});
