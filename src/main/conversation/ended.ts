// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import { deviceWordOf } from './device-lists.ts';
import type { World } from './ports.ts';
import { failWaiting } from './recipients.ts';
import { liveOf } from './sessions.ts';
import { entryOf } from './timeline.ts';
import type { Turn } from './turn.ts';
import { endVerification } from './verification-result.ts';

interface Ended {
  readonly by: 'peer' | 'us' | 'expired';
  /** Of the device whose session it was. */
  readonly tag: number | undefined;
}

/** A session is over. With the last one the chat is locked until the user decides (S7, S8). */
export function applyEnded(world: World, turn: Turn, full: FullJid, { by, tag }: Ended): void {
  // Whoever has gone is not asked back.
  turn.setDevice(full, { interrupted: false, stale: false, invited: by !== 'us' });
  turn.set({ agreement: undefined });
  endVerification(turn, full);
  if (turn.chat.changedKey?.full === full) turn.set({ changedKey: undefined });
  if (tag !== undefined) failWaiting(turn, tag);
  if (by === 'us') return;
  if (liveOf(world, turn.chat).length > 0) {
    if (tag !== undefined)
      turn.tell({ name: 'left', device: deviceWordOf(world, turn.chat.peer, tag) });
    return;
  }
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
