// SPDX-License-Identifier: GPL-3.0-or-later
import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeDataMessage } from '#otr/codec/data-message.ts';
import { LIMITS } from '#otr/limits.ts';
import { deriveMacKey } from '#otr/ratchet/chain.ts';
import { RATCHET_LIMITS } from '#otr/session/state.ts';

import { reveal } from '../../support/reveal.ts';
import { TwoParties } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

type Side = 'alice' | 'bob';

type Event =
  | { readonly tag: 'say'; readonly by: Side }
  | { readonly tag: 'prepare'; readonly by: Side }
  | { readonly tag: 'start'; readonly by: Side }
  | { readonly tag: 'ask'; readonly by: Side }
  | { readonly tag: 'deliver' | 'drop' | 'duplicate'; readonly at: number }
  | { readonly tag: 'corrupt'; readonly at: number; readonly bit: number }
  | { readonly tag: 'replay'; readonly at: number }
  | { readonly tag: 'pass'; readonly ms: number };

const side = fc.constantFrom<Side>('alice', 'bob');
const at = fc.nat(1000);

const say = fc.record({ tag: fc.constant('say' as const), by: side });
/** Keys for the next turn are made whenever nothing else is to be done. */
const prepare = fc.record({ tag: fc.constant('prepare' as const), by: side });
const transport = fc.oneof(
  { weight: 6, arbitrary: fc.record({ tag: fc.constant('deliver' as const), at }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('drop' as const), at }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('duplicate' as const), at }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('corrupt' as const), at, bit: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ tag: fc.constant('replay' as const), at }) },
);
const interruption = fc.oneof(
  fc.record({ tag: fc.constant('start' as const), by: side }),
  fc.record({ tag: fc.constant('ask' as const), by: side }),
  fc.record({ tag: fc.constant('pass' as const), ms: fc.nat(90_000) }),
);

interface Packet {
  readonly to: Side;
  readonly body: string;
}

/** Everything between the two, and everything that ever was. */
class Network {
  readonly parties: TwoParties;
  readonly waiting: Packet[] = [];
  readonly seen: Packet[] = [];
  readonly said: Record<Side, string[]> = { alice: [], bob: [] };

  constructor(parties: TwoParties) {
    this.parties = parties;
    this.collect();
  }

  collect(): void {
    for (const by of ['alice', 'bob'] as const) {
      const to = by === 'alice' ? 'bob' : 'alice';
      for (const body of this.parties[by].takeOutbox()) {
        expectDeadKeysOnly(this.parties[by], body);
        this.waiting.push({ to, body });
        this.seen.push({ to, body });
      }
    }
  }

  hand({ to, body }: Packet): void {
    const party = this.parties[to];
    const { messages } = party.state;
    const effects = party.receive(body);
    const [only] = effects;
    if (effects.length === 1 && only?.tag === 'ignored') {
      expect(party.state.messages).toBe(messages);
    }
    this.collect();
  }

  happen(event: Event): void {
    switch (event.tag) {
      case 'say': {
        const text = `${event.by} ${this.said[event.by].length.toString()}`;
        this.said[event.by].push(text);
        this.parties[event.by].send(text);
        break;
      }
      case 'prepare':
        this.parties[event.by].do({ tag: 'prepare' });
        break;
      case 'start':
        this.parties[event.by].do({ tag: 'start' });
        break;
      case 'ask':
        this.parties[event.by].do({ tag: 'smp-start', secret: 'secret' });
        break;
      case 'pass':
        this.parties.clock.pass(event.ms);
        for (const party of [this.parties.alice, this.parties.bob]) party.do({ tag: 'tick' });
        break;
      case 'replay': {
        const packet = this.seen[event.at % Math.max(1, this.seen.length)];
        if (packet !== undefined) this.hand(packet);
        break;
      }
      default:
        this.transport(event);
    }
    this.collect();
  }

  transport(event: Extract<Event, { at: number }>): void {
    const index = event.at % Math.max(1, this.waiting.length);
    const packet = this.waiting[index];
    if (packet === undefined) return;
    if (event.tag === 'duplicate') this.waiting.push(packet);
    else this.waiting.splice(index, 1);
    if (event.tag === 'deliver' || event.tag === 'duplicate') this.hand(packet);
    if (event.tag === 'corrupt') this.hand({ ...packet, body: corrupt(packet.body, event.bit) });
  }

  deliverAll(): void {
    for (;;) {
      const packet = this.waiting.shift();
      if (packet === undefined) return;
      this.hand(packet);
    }
  }
}

/** A MAC key goes out only once its message can no longer be read by who reveals it. */
function expectDeadKeysOnly({ state }: Party, body: string): void {
  if (!body.startsWith('?OTR:AAQD') || state.messages.tag !== 'encrypted') return;
  const { revealedMacKeys } = decodeDataMessage(parseArmor(body)).message;
  const revealed = bytesToHex(revealedMacKeys);
  for (const { messageKey } of state.messages.ratchet.skipped) {
    using macKey = deriveMacKey(messageKey);
    expect(revealed).not.toContain(reveal(macKey));
  }
}

function corrupt(body: string, bit: number): string {
  if (!body.startsWith('?OTR:')) return body;
  const bytes = parseArmor(body).slice();
  const where = bit % (bytes.length * 8);
  bytes[where >> 3] = (bytes[where >> 3] ?? 0) ^ (1 << (where & 7));
  return formatArmor(bytes);
}

/** What was read was said by the other, once; and no store has grown past its limit. */
function expectSound({ parties, said }: Network): void {
  for (const [reader, writer] of [
    ['alice', 'bob'],
    ['bob', 'alice'],
  ] as const) {
    const read = parties[reader].read();
    expect(new Set(read).size).toBe(read.length);
    expect(read.filter((text) => !said[writer].includes(text))).toEqual([]);
    expectBounded(parties[reader]);
  }
}

function expectBounded({ state }: Party): void {
  expect(state.held.length).toBeLessThanOrEqual(LIMITS.outgoingQueue);
  expect(state.early.length).toBeLessThanOrEqual(LIMITS.earlyMessages);
  if (state.messages.tag !== 'encrypted') return;
  const { ratchet, readBefore } = state.messages;
  expect(ratchet.skipped.length).toBeLessThanOrEqual(LIMITS.skippedKeys);
  expect(ratchet.macKeysToReveal.length).toBeLessThanOrEqual(RATCHET_LIMITS.macKeysToReveal);
  expect(readBefore.length).toBeLessThanOrEqual(128);
}

/** Whether both can still write to each other. */
function expectAlive(network: Network): void {
  for (const by of ['alice', 'bob'] as const) {
    network.happen({ tag: 'say', by });
    const text = network.said[by].at(-1);
    network.deliverAll();
    expect(network.parties[by === 'alice' ? 'bob' : 'alice'].read()).toContain(text);
  }
}

describe('two people over a network', { timeout: 180_000 }, () => {
  it('sec:B8 sec:T-O-DUP-1 sec:T-O-MAC-1 that drops, repeats, reorders, replays and damages read what was written, once', () => {
    const events = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: say },
        { weight: 6, arbitrary: transport },
        { weight: 1, arbitrary: prepare },
      ),
      { minLength: 10, maxLength: 60 },
    );
    fc.assert(
      fc.property(events, fc.nat(), (schedule, seed) => {
        const network = new Network(TwoParties.established({ seed: seed.toString() }));
        for (const event of schedule) network.happen(event);
        expectSound(network);
        expectAlive(network);
      }),
      { numRuns: 16 },
    );
  });

  it('sec:B8 that only reorders within reach lose nothing', () => {
    const steps = fc.array(fc.record({ by: side, at: fc.nat(3), deliver: fc.boolean() }), {
      minLength: 20,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (schedule) => {
        const network = new Network(TwoParties.established());
        for (const { by, at: index, deliver } of schedule) {
          network.happen({ tag: 'say', by });
          if (!deliver && network.waiting.length < 4) continue;
          network.happen({ tag: 'deliver', at: Math.min(index, network.waiting.length - 1) });
        }
        network.deliverAll();
        expect([...network.parties.alice.read()].sort()).toEqual([...network.said.bob].sort());
        expect([...network.parties.bob.read()].sort()).toEqual([...network.said.alice].sort());
        expect(network.parties.alice.heard('unreadable')).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it('sec:B7 while key exchanges and comparisons come and go are never misled, and can always begin anew', () => {
    const events = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: say },
        { weight: 6, arbitrary: transport },
        { weight: 1, arbitrary: interruption },
        { weight: 1, arbitrary: prepare },
      ),
      { minLength: 20, maxLength: 60 },
    );
    fc.assert(
      fc.property(events, fc.nat(), (schedule, seed) => {
        const network = new Network(new TwoParties({ seed: seed.toString() }));
        for (const event of schedule) network.happen(event);
        expectSound(network);
        network.waiting.splice(0);
        for (const party of [network.parties.alice, network.parties.bob]) {
          party.do({ tag: 'end' });
          party.takeOutbox();
        }
        network.happen({ tag: 'pass', ms: 3_600_000 });
        network.happen({ tag: 'start', by: 'bob' });
        network.deliverAll();
        expectAlive(network);
        expectSound(network);
      }),
      { numRuns: 16 },
    );
  });
});
