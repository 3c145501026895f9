// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { emptyChat } from '#main/conversation/chat.ts';
import { MemoryTimeline } from '#main/conversation/timeline.ts';
import { Turn } from '#main/conversation/turn.ts';
import { applySmp } from '#main/conversation/verification-result.ts';
import { parseFullJid, bareOf } from '#shared/model/jid.ts';
import { ConversationId, ItemId } from '#shared/model/ids.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SITUATIONS } from '../support/session-states.ts';
import type { World } from '#main/conversation/ports.ts';
import * as v from 'valibot';

const MINUTE_MS = 60_000;
const parsed = parseFullJid('bob@example.org/desk');
if (!parsed.ok) throw new TypeError('address');
const full = parsed.value;

describe('a device that cheats', () => {
  it('ux:A3 is told apart from a mistake, changes no trust, and is not talked to for five minutes', () => {
    const clock = new FakeClock();
    const world = { clock } as unknown as World;
    let count = 0;
    const turn = new Turn(
      emptyChat(v.parse(ConversationId, 1), bareOf(full)),
      new MemoryTimeline(),
      () => v.parse(ItemId, `m${String((count += 1))}`),
      clock.now(),
    );
    turn.setDevice(full, { session: SITUATIONS.encrypted().state });
    applySmp(world, turn, full, { tag: 'smp-cheated' });
    expect(turn.chat.verification.now).toMatchObject({ tag: 'result', outcome: 'cheated' });
    expect(turn.writes).toEqual([]);
    applySmp(world, turn, full, { tag: 'smp-asked', question: 'again?' });
    expect(turn.chat.verification.now.tag).toBe('result');
    expect(turn.steps).toEqual([{ full, input: { tag: 'smp-abort' } }]);
    clock.step(5 * MINUTE_MS);
    applySmp(world, turn, full, { tag: 'smp-asked', question: 'again?' });
    expect(turn.chat.verification.now.tag).toBe('asked');
  });
});
