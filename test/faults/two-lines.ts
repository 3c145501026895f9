// SPDX-License-Identifier: GPL-3.0-or-later

import { expect, vi } from 'vitest';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { LiveParty } from '../support/live-party.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const PATIENCE = { timeout: 90_000, interval: 25 };

export const until = (condition: () => void): Promise<void> => vi.waitFor(condition, PATIENCE);

/** Presses again as long as it is refused, as somebody does who is told that there is no connection. */
export const insist = (press: () => Promise<void>): Promise<void> => vi.waitFor(press, PATIENCE);

/** One of two people, whose line to the server can be cut, held and slowed down. */
export interface End {
  readonly party: LiveParty;
  readonly line: TcpProxy;
  readonly peer: ConversationId;
}

const messagesOf = ({ party, peer }: End): readonly MessageItem[] =>
  party.conversations.history({ id: peer, limit: 500 }).filter((item) => item.kind === 'message');

const readBy = (end: End): readonly string[] =>
  messagesOf(end)
    .filter(({ direction }) => direction === 'in')
    .map(({ text }) => text);

const ownAs =
  (...deliveries: readonly MessageItem['delivery'][]) =>
  (end: End): readonly string[] =>
    messagesOf(end)
      .filter(({ direction, delivery }) => direction === 'out' && deliveries.includes(delivery))
      .map(({ text }) => text);

const undelivered = ownAs('failed');
const unconfirmed = ownAs('unconfirmed');
const notArrived = ownAs('failed', 'unconfirmed');
const waitingAt = ownAs('held', 'sending');

export interface Settled {
  readonly said: number;
  /** Texts that the other one has read. */
  readonly arrived: number;
  /** Texts whose sender is told that they have not arrived. */
  readonly undelivered: number;
  /** Texts whose sender is told that nobody knows whether they have. */
  readonly unconfirmed: number;
}

export const viewOf = ({ party, peer }: End): ConversationView => party.conversations.view(peer);

/** @returns whether the composer was open */
export async function type(party: LiveParty, peer: ConversationId, text: string): Promise<boolean> {
  if (party.conversations.view(peer).composer === 'locked') return false;
  await party.type(peer, text);
  return true;
}

/** Two people at a real server, each over a proxy of their own; each is the other's contact. */
export class TwoLines implements AsyncDisposable {
  readonly prosody: Prosody;
  readonly alice: End;
  readonly bob: End;
  readonly #said: string[] = [];

  private constructor(prosody: Prosody, alice: End, bob: End) {
    this.prosody = prosody;
    this.alice = alice;
    this.bob = bob;
  }

  static async open(prosody: Prosody, run: string): Promise<TwoLines> {
    const [lineA, lineB] = [await TcpProxy.start(prosody.port), await TcpProxy.start(prosody.port)];
    const alice = new LiveParty(prosody, `alice${run}`);
    const bob = new LiveParty(prosody, `bob${run}`);
    for (const [party, { host, port }] of [
      [alice, lineA],
      [bob, lineB],
    ] as const) {
      await party.add({ server: { host, port, tls: 'starttls' } });
    }
    const toBob = await alice.contacts.add(bob.address, 'Bob');
    await until(() => {
      expect(bob.contacts.requests()).toHaveLength(1);
    });
    await bob.contacts.accept(alice.address);
    await until(() => {
      for (const party of [alice, bob]) {
        expect(party.conversations.contacts()).toMatchObject([
          { presence: 'online', subscription: 'both' },
        ]);
      }
    });
    const toAlice = bob.conversations.contacts()[0]?.id ?? toBob;
    return new TwoLines(
      prosody,
      { party: alice, line: lineA, peer: toBob },
      { party: bob, line: lineB, peer: toAlice },
    );
  }

  async goOffTheRecord(): Promise<void> {
    await this.alice.party.conversations.start(this.alice.peer);
    await until(() => {
      expect(viewOf(this.bob).invitation).toBeDefined();
    });
    await this.bob.party.conversations.accept(this.bob.peer);
    await until(() => {
      expect([viewOf(this.alice).state, viewOf(this.bob).state]).toEqual([
        'unverified',
        'unverified',
      ]);
    });
  }

  /** Where the composer is locked, nothing is said. */
  async say(from: 'alice' | 'bob', text: string): Promise<void> {
    const { party, peer } = this[from];
    if (await type(party, peer, text)) this.#said.push(text);
  }

  /**
   * Waits until each text that was said has arrived, or its sender is told that it has not: nothing
   * is lost, nothing comes twice, nothing was seen by the server.
   */
  async settle(): Promise<Settled> {
    const ends = [this.alice, this.bob];
    await until(() => {
      const [read, told] = [ends.flatMap(readBy), ends.flatMap(notArrived)];
      expect(this.#said.filter((text) => !read.includes(text) && !told.includes(text))).toEqual([]);
      expect(ends.flatMap(waitingAt)).toEqual([]);
    });
    const read = ends.flatMap(readBy);
    expect(
      ends.flatMap(undelivered).filter((text) => read.includes(text)),
      'read, and told to be undelivered',
    ).toEqual([]);
    expect(read.toSorted(), 'read twice').toEqual([...new Set(read)].toSorted());
    const wire = await this.prosody.readWire();
    expect(
      this.#said.filter((text) => wire.includes(text)),
      'in clear',
    ).toEqual([]);
    return {
      said: this.#said.length,
      arrived: read.length,
      undelivered: ends.flatMap(undelivered).length,
      unconfirmed: ends.flatMap(unconfirmed).length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { party, line } of [this.alice, this.bob]) {
      line.delay(0);
      await party[Symbol.asyncDispose]();
      await line.close();
    }
  }
}
