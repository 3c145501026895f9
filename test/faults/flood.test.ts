// SPDX-License-Identifier: GPL-3.0-or-later

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '#shared/model/ids.ts';
import { LiveParty } from '../support/live-party.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';
import { configure, Party } from '../xmpp/parties.ts';
import { type, until } from './two-lines.ts';

/** `FLOOD_MESSAGES=10000 npm run test:faults` is what the goal is about. */
const MESSAGES = Number(process.env['FLOOD_MESSAGES'] ?? 2000);
const EXCHANGES = 20;

let started: TestProsody;
const table: { what: string; seconds: number; p50: number; p99: number; longest: number }[] = [];

beforeAll(async () => {
  // Its own limits would slow the flood down before it reaches us.
  const extra = [
    'archive_expires_after = "never"',
    'max_archive_query_results = 250',
    'storage_archive_item_limit = 100000',
  ].join('\n');
  started = await startProsody({ extra });
});

afterAll(async () => {
  await started[Symbol.asyncDispose]();
  console.table(table);
});

const inMs = (nanoseconds: number): number => Number((nanoseconds / 1e6).toFixed(1));

/** How long the process kept others waiting meanwhile, in ms. */
async function measure(what: string, work: () => Promise<void>): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const start = performance.now();
  delays.enable();
  await work();
  delays.disable();
  table.push({
    what,
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    p50: inMs(delays.percentile(50)),
    p99: inMs(delays.percentile(99)),
    longest: inMs(delays.max),
  });
}

const idle = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Each is the other's contact. @returns the chat that `one` has with `other` */
async function befriend(one: LiveParty, other: LiveParty): Promise<ConversationId> {
  const id = await one.contacts.add(other.address, other.name);
  await until(() => {
    expect(other.contacts.requests().map(({ jid }) => String(jid))).toContain(one.address);
  });
  await other.contacts.accept(one.address);
  await until(() => {
    const contact = one.conversations.contacts().find((each) => each.id === id);
    expect(contact).toMatchObject({ subscription: 'both', presence: 'online' });
  });
  return id;
}

const chatWith = (party: LiveParty, other: LiveParty): ConversationId => {
  const contact = party.conversations.contacts().find(({ jid }) => jid === other.address);
  if (contact === undefined) throw new TypeError(`${other.name} is no contact`);
  return contact.id;
};

describe('a flood', { timeout: 900_000 }, () => {
  it('perf:X1 perf:L1 an archive full of messages at login, searched meanwhile', async () => {
    const { prosody } = started;
    await using alice = new LiveParty(prosody, 'alice');
    await using bob = new LiveParty(prosody, 'bob');
    await Promise.all([alice.add(), bob.add()]);
    const toBob = await befriend(alice, bob);
    const toAlice = chatWith(bob, alice);
    const say = (text: string) => type(bob, toAlice, text);
    const unread = () => alice.conversations.contacts().find(({ id }) => id === toBob)?.unread;
    await say('the first of all');
    await until(() => {
      expect(unread()).toBe(1);
    });
    await measure('nothing', () => idle(2000));

    await alice.account.stop();
    const phone = await new Party(configure(prosody, alice.address)).online();
    for (let text = 0; text < MESSAGES; text += 1) {
      await say(`sentence number ${String(text)} of many`);
    }
    await phone.see('message', ({ body }) => body.includes(` ${String(MESSAGES - 1)} `));
    await phone.client.disconnect();

    await measure(`${String(MESSAGES)} archived messages, searched meanwhile`, async () => {
      alice.account.open();
      await until(() => {
        alice.conversations.search('sentence');
        expect(unread()).toBe(MESSAGES + 1);
      });
    });
    expect([...alice.failures, ...bob.failures]).toEqual([]);
  });

  it('perf:L1 twenty key exchanges at once', async () => {
    await using everybody = new AsyncDisposableStack();
    const join = async (name: string): Promise<LiveParty> => {
      const party = everybody.use(new LiveParty(started.prosody, name));
      await party.add();
      return party;
    };
    const carol = await join('carol');
    const others: LiveParty[] = [];
    for (let number = 0; number < EXCHANGES; number += 1) {
      const other = await join(`friend${String(number)}`);
      await befriend(other, carol);
      others.push(other);
    }
    await measure(`${String(EXCHANGES)} key exchanges, both ends in one process`, async () => {
      const chats = others.map((other) => ({ other, id: chatWith(carol, other) }));
      await Promise.all(others.map((other) => other.conversations.start(chatWith(other, carol))));
      await until(() => {
        for (const { id } of chats) {
          const { invitation, state } = carol.conversations.view(id);
          if (invitation !== undefined) void carol.conversations.accept(id);
          expect(state).toBe('unverified');
        }
      });
    });
    expect([carol, ...others].flatMap(({ failures }) => failures)).toEqual([]);
  });
});
