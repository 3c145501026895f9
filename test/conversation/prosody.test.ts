// SPDX-License-Identifier: GPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConversationView } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { LiveParty } from '../support/live-party.ts';
import { startProsody, type TestProsody } from '../support/prosody.ts';

const PATIENCE = { timeout: 30_000, interval: 25 };

let started: TestProsody;
let prosody: Prosody;
let alice: LiveParty;
let bob: LiveParty;
let toBob: ConversationId;
let toAlice: ConversationId;
let round = 0;

const viewA = (): ConversationView => alice.conversations.view(toBob);
const viewB = (): ConversationView => bob.conversations.view(toAlice);
const messagesOf = (party: LiveParty, id: ConversationId): readonly MessageItem[] =>
  party.conversations.history({ id, limit: 200 }).filter((item) => item.kind === 'message');
const textsOf = (party: LiveParty, id: ConversationId): readonly string[] =>
  messagesOf(party, id).map(({ text }) => text);

/** Waits for the condition, not for the time. */
const until = (condition: () => void): Promise<void> => vi.waitFor(condition, PATIENCE);

const typeA = (text: string) => alice.type(toBob, text);

async function meet(): Promise<void> {
  await Promise.all([alice.add(), bob.add()]);
  toBob = await alice.contacts.add(bob.address, 'Bob');
  await until(() => {
    expect(bob.contacts.requests()).toHaveLength(1);
  });
  await bob.contacts.accept(alice.address);
  await until(() => {
    expect(alice.conversations.contacts()).toMatchObject([
      { presence: 'online', subscription: 'both' },
    ]);
    expect(bob.conversations.contacts()).toMatchObject([
      { presence: 'online', subscription: 'both' },
    ]);
  });
  toAlice = bob.conversations.contacts()[0]?.id ?? toBob;
}

async function goOffTheRecord(): Promise<void> {
  await alice.conversations.start(toBob);
  await until(() => {
    expect(viewB().invitation).toBeDefined();
  });
  await bob.conversations.accept(toAlice);
  await until(() => {
    expect([viewA().state, viewB().state]).toEqual(['unverified', 'unverified']);
  });
}

async function restartServer(): Promise<void> {
  await prosody.kill();
  await prosody.restart();
}

/** Nothing of it in anything the server saw or wrote. */
async function expectUnseen(words: string): Promise<void> {
  expect(await prosody.readWire()).not.toContain(words);
}

beforeAll(async () => {
  started = await startProsody({ record: true });
  ({ prosody } = started);
});
beforeEach(async () => {
  round += 1;
  alice = new LiveParty(prosody, `alice${String(round)}`);
  bob = new LiveParty(prosody, `bob${String(round)}`);
  await meet();
});
afterEach(async () => {
  expect([...alice.failures, ...bob.failures]).toEqual([]);
  await alice[Symbol.asyncDispose]();
  await bob[Symbol.asyncDispose]();
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
});

describe('two people at a real server', () => {
  it('ux:4 chat in clear, with receipts', async () => {
    await typeA('hello in clear');
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['hello in clear']);
      expect(messagesOf(alice, toBob)).toMatchObject([{ delivery: 'delivered' }]);
    });
  });

  it('ux:5 ux:8 ux:20 talk off the record, verify, and end', async () => {
    await alice.conversations.start(toBob);
    await typeA('a secret sentence');
    await until(() => {
      expect(viewB().invitation).toBeDefined();
    });
    await bob.conversations.accept(toAlice);
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['a secret sentence']);
      expect(messagesOf(alice, toBob)).toMatchObject([{ delivery: 'delivered' }]);
    });
    const asked = { method: 'question', question: 'Where?', secret: 'In Paris' } as const;
    await alice.conversations.ask(toBob, asked);
    await until(() => {
      expect(viewB().verification.tag).toBe('asked');
    });
    await bob.conversations.answer(toAlice, 'In Paris');
    await until(() => {
      expect(viewA().state).toBe('verified');
    });
    await alice.conversations.end(toBob);
    await until(() => {
      expect(viewB().state).toBe('ended-by-peer');
    });
    expect(textsOf(alice, toBob)).toEqual([]);
    await expectUnseen('a secret sentence');
    await expectUnseen('In Paris');
  });

  it('sec:F-DAKE-1 lose nothing when the server dies in the middle of a start', async () => {
    await alice.conversations.start(toBob);
    await typeA('typed while it died');
    await restartServer();
    // Bob presses again as long as he is told that there is no connection.
    await vi.waitFor(() => bob.conversations.accept(toAlice), PATIENCE);
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['typed while it died']);
    });
    await expectUnseen('typed while it died');
  });

  it('end a verification without a result when the server dies in the middle', async () => {
    await goOffTheRecord();
    await alice.conversations.ask(toBob, { method: 'question', question: 'Q', secret: 'answer' });
    await until(() => {
      expect(viewB().verification.tag).toBe('asked');
    });
    await restartServer();
    await until(() => {
      expect([viewA().state, viewB().state]).toEqual(['unverified', 'unverified']);
      expect(viewA().verification).toMatchObject({ tag: 'result', outcome: 'session-ended' });
    });
    await expectUnseen('answer');
  });

  it('sec:F-SM-2 go on off the record when the server dies in the middle of a conversation', async () => {
    await goOffTheRecord();
    await typeA('said earlier');
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['said earlier']);
    });
    await prosody.kill();
    await until(() => {
      expect(viewA().composer).toBe('hold');
    });
    await typeA('while it was gone');
    await prosody.restart();
    await until(() => {
      expect(textsOf(bob, toAlice)).toEqual(['said earlier', 'while it was gone']);
    });
    await until(() => {
      expect([viewA(), viewB()]).toMatchObject([{ composer: 'send' }, { composer: 'send' }]);
    });
    await expectUnseen('said earlier');
    await expectUnseen('while it was gone');
  });

  it('decision 8, xep:X-50: hear a goodbye when the other application is closed', async () => {
    await goOffTheRecord();
    await alice.account.stop();
    await until(() => {
      expect(viewB().state).toBe('ended-by-peer');
    });
  });
});
