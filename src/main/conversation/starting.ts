// SPDX-License-Identifier: GPL-3.0-or-later

import type { DakeRole } from '#otr';
import type { StartFailure } from '#shared/model/conversation.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { TimelineEvent } from '#shared/model/timeline.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import { entryOf } from './timeline.ts';
import type { Turn } from './turn.ts';

/** As long as an invitation stands (ux 2.5.5). */
export const INVITATION_MS = 600_000;
/** The other side's program answers at once, or not at all. */
export const ANSWER_MS = 60_000;

/** S2: from here on text is held, and the chat goes below the line. */
export function applyStarting(turn: Turn, full: FullJid, role: DakeRole): void {
  const { attempt, invitation } = turn.chat;
  const by = role === 'initiator' ? 'us' : 'peer';
  turn.set({
    attempt: attempt?.full === full ? attempt : { full, by, since: turn.now },
    failure: undefined,
    unlocked: false,
    invitation: invitation?.full === full ? undefined : invitation,
  });
  openLine(turn);
}

export function openLine(turn: Turn): void {
  if (turn.chat.line !== undefined) return;
  const id = turn.newItemId();
  const { id: conversationId } = turn.chat;
  turn.put(entryOf({ kind: 'line', id, conversationId, at: turn.now, edge: 'start' }));
  turn.set({ line: id });
}

/** The engine gave up. Our own invitation stands for ten minutes all the same: it is renewed. */
export function applyStartFailed(
  world: World,
  turn: Turn,
  full: FullJid,
  why: 'cancelled' | 'timed-out',
): void {
  const { attempt } = turn.chat;
  if (attempt?.full !== full) return;
  if (why === 'cancelled') {
    dropAttempt(world, turn, undefined);
    return;
  }
  const beside = liveOf(world, turn.chat).length > 0;
  if (!beside && attempt.by === 'us' && turn.now - attempt.since < INVITATION_MS) {
    turn.stepLater(full, { tag: 'start' });
    return;
  }
  dropAttempt(world, turn, 'no-answer');
}

const FAILURES: Readonly<Record<StartFailure, TimelineEvent>> = {
  declined: { name: 'declined-by-peer' },
  'no-answer': { name: 'no-answer' },
  'invalid-answer': { name: 'start-failed' },
  offline: { name: 'contact-offline' },
};

/**
 * The attempt is over without a session. Text that waited for it goes on waiting: whether it may
 * leave in clear is for the user to say. Beside a live session nothing is lost.
 */
export function dropAttempt(world: World, turn: Turn, why: StartFailure | undefined): void {
  const failure = why === 'no-answer' && turn.chat.attempt?.refusedOne ? 'invalid-answer' : why;
  const beside = liveOf(world, turn.chat).length > 0;
  turn.set({ attempt: undefined, failure: beside ? undefined : failure });
  if (beside) return;
  turn.set({ epoch: turn.chat.epoch + 1 });
  if (turn.chat.line !== undefined && turn.chat.ended === undefined) {
    turn.remove(turn.chat.line);
    turn.set({ line: undefined });
  }
  if (failure !== undefined) turn.tell(FAILURES[failure]);
}
