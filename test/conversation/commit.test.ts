// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { Secret } from '#otr/crypto/secret.ts';
import { emptyChat } from '#main/conversation/chat.ts';
import { commit } from '#main/conversation/commit.ts';
import { Deliveries } from '#main/conversation/deliveries.ts';
import type { World } from '#main/conversation/ports.ts';
import { TurnQueue } from '#main/conversation/queue.ts';
import { beginTurn, type Shared, type Thread } from '#main/conversation/thread.ts';
import { MemoryTimeline } from '#main/conversation/timeline.ts';
import type { SendResult } from '#main/xmpp/wire.ts';
import { ConversationId, ItemId } from '#shared/model/ids.ts';
import { bareOf, parseFullJid } from '#shared/model/jid.ts';
import { defaultSettings } from '#main/settings/defaults.ts';

const parsed = parseFullJid('bob@example.org/desk');
if (!parsed.ok) throw new TypeError('address');
const full = parsed.value;

/** A world that only writes down what is done to it. */
function recordingHouse(outcome: SendResult = 'sent') {
  const done: string[] = [];
  let disk: 'works' | 'full' = 'works';
  const world = {
    clock: { now: () => 5, monotonicNow: () => 5, after: () => () => undefined },
    store: {
      contacts: { get: () => undefined },
      messages: {},
      trust: { ofPeer: () => [] },
      devices: { ofPeer: () => [] },
      choices: { ofPeer: () => new Map() },
      transaction: (work: (tx: unknown) => void) => {
        work({});
        if (disk === 'full') throw new Error('SQLITE_FULL');
        done.push('commit');
      },
    },
    wire: {
      state: () => ({ tag: 'online' }),
      sendOtr: () => {
        done.push('transmit');
        return outcome;
      },
    },
    mode: () => 'compatible',
    settings: () => defaultSettings,
    ownKeys: () => undefined,
    publish: (name: string) => done.push(`publish ${name}`),
  } as unknown as World;
  let counter = 0;
  const shared: Shared = {
    world,
    deliveries: new Deliveries(),
    sealing: { write: () => undefined } as unknown as Shared['sealing'],
    nextItemId: () => v.parse(ItemId, `m${String((counter += 1))}`),
    acknowledges: true,
  };
  const thread: Thread = {
    chat: emptyChat(v.parse(ConversationId, 1), bareOf(full)),
    timeline: new MemoryTimeline(),
    queue: new TurnQueue((call) => {
      call();
    }),
    cancelTimer: () => undefined,
    published: { conversation: '', contact: '' },
    untold: false,
    news: undefined,
    toldAt: 0,
  };
  const key = Secret.own(new Uint8Array(32).fill(7), 32);
  const turn = beginTurn(shared, thread);
  turn.write(() => undefined);
  turn.set({ offered: true });
  const item = turn.newItemId();
  turn.put({
    readAt: undefined,
    item: {
      kind: 'message',
      id: item,
      conversationId: turn.chat.id,
      at: 5,
      direction: 'out',
      text: 'x',
      protection: 'unverified',
      delivery: 'sending',
      devices: [{ name: { label: undefined, instanceTag: '00000100' }, delivery: 'sending' }],
      plainInside: false,
      ended: false,
      vanishesAt: undefined,
    },
  });
  turn.transmissions.push({
    tag: 'otr',
    carries: { item, device: '00000100' },
    message: { to: full, body: '?OTR:AAQD.', id: 's1', kind: 'encoded' },
  });
  turn.retired.push(key);
  const wiping = key.wipe.bind(key);
  key.wipe = () => {
    done.push('wipe');
    wiping();
  };
  return {
    done,
    shared,
    thread,
    turn,
    key,
    item,
    fillDisk: () => {
      disk = 'full';
    },
  };
}

describe('commit', () => {
  it('commits, then transmits, then publishes, then wipes', () => {
    const { done, shared, thread, turn, key } = recordingHouse();
    commit(shared, thread, turn);
    expect(done).toEqual(['commit', 'transmit', 'publish conversation.item-changed', 'wipe']);
    expect(thread.untold).toBe(true);
    expect(key.wiped).toBe(true);
  });

  it('sec:F-DISK-1 has changed, sent, shown and wiped nothing when the disk is full', () => {
    const { done, shared, thread, turn, key, fillDisk } = recordingHouse();
    fillDisk();
    const before = thread.chat;
    expect(() => {
      commit(shared, thread, turn);
    }).toThrow('SQLITE_FULL');
    expect(done).toEqual([]);
    expect(thread.chat).toBe(before);
    expect(thread.timeline.size).toBe(0);
    expect(key.wiped).toBe(false);
  });

  it('shows as failed what the line did not take: its key is spent', () => {
    const { shared, thread, turn, item } = recordingHouse('offline');
    commit(shared, thread, turn);
    expect(thread.timeline.get(item)?.item).toMatchObject({ delivery: 'failed' });
  });
});

describe('a queue', () => {
  it('serves in order, one at a time, and goes on after a failure', async () => {
    const calls: (() => void)[] = [];
    const queue = new TurnQueue((call) => calls.push(call));
    const order: number[] = [];
    const turns = [1, 2, 3].map((number) =>
      queue.run(() => {
        order.push(number);
        if (number === 2) throw new TypeError('two');
        return number;
      }),
    );
    const settled = Promise.allSettled(turns);
    expect(calls).toHaveLength(1);
    for (let next = calls.shift(); next !== undefined; next = calls.shift()) next();
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(order).toEqual([1, 2, 3]);
  });
});
