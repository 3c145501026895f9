// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { canPrepare } from '#otr';
import { emptyChat, emptyDevice, type Chat } from '#main/conversation/chat.ts';
import type { World } from '#main/conversation/ports.ts';
import { applyTick, nextDelayMs } from '#main/conversation/timers.ts';
import { MemoryTimeline } from '#main/conversation/timeline.ts';
import { Turn } from '#main/conversation/turn.ts';
import { ConversationId, ItemId } from '#shared/model/ids.ts';
import { bareOf, parseFullJid } from '#shared/model/jid.ts';
import { envOn, FakeClock } from '../support/fake-clock.ts';
import { TwoParties } from '../support/two-parties.ts';

const parsed = parseFullJid('alice@xmpp.example/desk');
if (!parsed.ok) throw new TypeError('address');
const full = parsed.value;

function chatWith(session: TwoParties['bob']['state']): Chat {
  const chat = emptyChat(v.parse(ConversationId, 1), bareOf(full));
  return { ...chat, devices: new Map([[full, { ...emptyDevice(full), session }]]) };
}

describe('the keys of our next turn', () => {
  it('perf:M2 are made when a chat has been idle for a moment, once', () => {
    const clock = new FakeClock();
    const world = { clock, env: envOn(clock) } as unknown as World;
    const { alice, bob } = TwoParties.established();
    const sessionEnd = nextDelayMs(world, chatWith(alice.state), []);
    const chat = chatWith(bob.state);
    expect(nextDelayMs(world, chat, [])).toBe(200);

    const turn = new Turn(chat, new MemoryTimeline(), () => v.parse(ItemId, 'm1'), clock.now());
    applyTick(world, turn);
    const { session } = turn.device(full);
    expect(session !== undefined && canPrepare(session)).toBe(false);
    expect(session).not.toBe(bob.state);
    expect(turn.transmissions).toEqual([]);
    expect(nextDelayMs(world, turn.chat, [])).toBeGreaterThan(200);
    expect(sessionEnd).toBeGreaterThan(200);

    const before = turn.chat;
    applyTick(world, turn);
    expect(turn.chat).toBe(before);
  });
});
