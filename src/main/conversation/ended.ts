// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import { entryOf } from './timeline.ts';
import type { Turn } from './turn.ts';
import { endVerification } from './verification-result.ts';

/** A session is over. With the last one the chat is locked until the user decides (S7, S8). */
export function applyEnded(
  world: World,
  turn: Turn,
  full: FullJid,
  by: 'peer' | 'us' | 'expired',
): void {
  turn.setDevice(full, { interrupted: false, stale: false });
  turn.set({ agreement: undefined });
  endVerification(turn, full);
  if (turn.chat.changedKey?.full === full) turn.set({ changedKey: undefined });
  if (by === 'us' || liveOf(world, turn.chat).length > 0) return;
  turn.set({ ended: { by, at: turn.now }, unlocked: false, epoch: turn.chat.epoch + 1 });
  turn.tell(by === 'peer' ? { name: 'ended-by-peer' } : { name: 'expired' });
  closeLine(turn);
}

/** What was said stays readable, dimmed, until the user clears it. */
export function closeLine(turn: Turn): void {
  if (turn.chat.line === undefined) return;
  for (const { item } of turn.entries()) {
    if (item.kind === 'message' && item.delivery !== 'held' && !item.ended) {
      turn.edit(item.id, { ended: true });
    }
  }
  const id = turn.newItemId();
  const { id: conversationId } = turn.chat;
  turn.put(entryOf({ kind: 'line', id, conversationId, at: turn.now, edge: 'end' }));
  turn.set({ line: undefined });
}
