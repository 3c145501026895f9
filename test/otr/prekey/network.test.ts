// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LIMITS } from '#otr/limits.ts';
import type { PrekeyRequest, PublicationContent } from '#otr/prekey/client/state.ts';

import { knownPair, PUBLISHER_JID, publisherContext } from '../../support/prekey-parties.ts';
import { PrekeyClock, TestClient, TestServer } from '../../support/prekey-world.ts';

type Move =
  | { readonly tag: 'publish' | 'status' | 'bounce' | 'time-out' | 'hand-out' }
  /** A body on its way: delivered, delivered and kept, lost, or delivered with a bit turned. */
  | { readonly tag: 'deliver' | 'duplicate' | 'drop' | 'corrupt'; readonly which: number };

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<Move>({ tag: 'publish' }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Move>(
        { tag: 'status' },
        { tag: 'bounce' },
        { tag: 'time-out' },
        { tag: 'hand-out' },
      ),
    },
    {
      weight: 8,
      arbitrary: fc.record({ tag: fc.constant('deliver' as const), which: fc.nat(3) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        tag: fc.constantFrom('duplicate' as const, 'drop' as const, 'corrupt' as const),
        which: fc.nat(3),
      }),
    },
  ),
  { minLength: 8, maxLength: 24 },
);

const PAIRS = ['1', '2', '3'].map((name) => knownPair(0, `in the network/${name}`));
const { profile } = publisherContext().own;

/** A client and a server with bodies on their way in both directions. */
class LossyWorld {
  readonly clock = new PrekeyClock();
  readonly server = new TestServer(this.clock);
  readonly client = new TestClient(this.clock, publisherContext());
  readonly handedOut: number[] = [];
  #way: { readonly to: 'server' | 'client'; readonly body: string }[] = [];
  #published = 0;

  run(move: Move): void {
    switch (move.tag) {
      case 'publish': {
        this.#published += 1;
        const pair = PAIRS[this.#published % PAIRS.length];
        const prekeys = pair === undefined ? [] : [{ ...pair, id: this.#published }];
        const publication = { prekeys, clientProfile: profile, prekeyProfile: undefined };
        this.#ask({ tag: 'publish', publication });
        return;
      }
      case 'status':
        this.#ask({ tag: 'status' });
        return;
      case 'bounce':
        this.#send(this.client.step({ tag: 'bounced', about: { tag: 'exchange' } }));
        return;
      case 'time-out':
        this.clock.pass(LIMITS.prekeyAnswerTimeoutMs);
        this.#send(this.client.step({ tag: 'tick' }));
        this.server.tick();
        return;
      case 'hand-out':
        for (const device of this.server.shelves.devices) {
          const message = device.messages.shift();
          if (message !== undefined) this.#handOut(device.consumed, message.id);
        }
        return;
      default:
        this.#carry(move.tag, move.which);
    }
  }

  #handOut(consumed: Set<number>, id: number): void {
    consumed.add(id);
    this.handedOut.push(id);
  }

  #ask(request: PrekeyRequest): void {
    this.#send(this.client.step({ tag: 'request', request }));
  }

  #send(bodies: readonly string[]): void {
    this.#way.push(...bodies.map((body) => ({ to: 'server', body }) as const));
  }

  #carry(how: 'deliver' | 'duplicate' | 'drop' | 'corrupt', which: number): void {
    const at = which % Math.max(1, this.#way.length);
    const one = this.#way[at];
    if (one === undefined) return;
    if (how !== 'duplicate') this.#way.splice(at, 1);
    if (how === 'drop') return;
    const body = how === 'corrupt' ? turned(one.body) : one.body;
    if (one.to === 'client') this.#send(this.client.receive(body));
    else {
      const replies = this.server.receive(this.client.from, body);
      this.#way.push(...replies.map((reply) => ({ to: 'client', body: reply }) as const));
    }
  }
}

/** One character in the middle is another one. */
function turned(body: string): string {
  const at = Math.floor(body.length / 2);
  return body.slice(0, at) + (body[at] === 'A' ? 'B' : 'A') + body.slice(at + 1);
}

const idsOf = ({ prekeys }: PublicationContent): readonly number[] => prekeys.map(({ id }) => id);

describe('a network that drops, repeats, reorders and corrupts', () => {
  it('what is told as published is stored, nothing else is, and no key is handed out twice', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const world = new LossyWorld();
        for (const move of list) world.run(move);
        const { client, server, handedOut } = world;
        const stored = server.shelves.devices.flatMap(({ messages, consumed }) => [
          ...messages.map(({ id }) => id),
          ...consumed,
        ]);
        const persisted: number[] = [];
        for (const effect of client.effects) {
          if (effect.tag === 'persist') persisted.push(...idsOf(effect.publication));
          if (effect.tag === 'published') {
            expect(stored).toEqual(expect.arrayContaining([...idsOf(effect.publication)]));
          }
          if (effect.tag === 'status') expect(effect.count).toBeLessThanOrEqual(stored.length);
        }
        expect(persisted).toEqual(expect.arrayContaining(stored));
        expect(new Set(handedOut).size).toBe(handedOut.length);
        expect(server.shelves.devices.length).toBeLessThanOrEqual(1);
        expect(server.shelves.devices.map(({ identity }) => identity)).toEqual(
          server.shelves.devices.map(() => PUBLISHER_JID),
        );
      }),
      { numRuns: 8 },
    );
  });
});
