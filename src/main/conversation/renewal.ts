// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import { RENEWALS, spendOne } from './budgets.ts';
import type { Attempt, Chat } from './chat.ts';
import { advance } from './effects.ts';
import type { World } from './ports.ts';
import { viewOf } from './sessions.ts';
import type { Turn } from './turn.ts';

/** The other side's program answers at once, or thinks that it was asked too often a moment ago. */
const REPEAT_MS = 11_000;

/**
 * The network session of either side is a new one, and keys may have been under way: they are agreed on
 * anew. Not counted with what follows from unreadable messages: a line that breaks during a renewal may
 * leave two sides with different keys.
 */
export function renew(world: World, turn: Turn, full: FullJid): void {
  if (viewOf(turn.device(full)) === undefined) return;
  if (!spendOne(turn, RENEWALS, `renewal:${full}`, world.clock.monotonicNow())) return;
  advance({ world, turn }, full, { tag: 'start' });
}

/** When a renewal that was not answered is due again, on the wall clock. Text is held until then. */
export function repeatAt(world: World, chat: Chat): number | undefined {
  const { attempt } = chat;
  if (attempt === undefined || !isRepeatable(world, chat, attempt)) return undefined;
  return attempt.since + REPEAT_MS;
}

/** Once only: whoever does not answer then is waited for no longer than a minute. */
export function repeatRenewal(world: World, turn: Turn): void {
  const { attempt } = turn.chat;
  const due = repeatAt(world, turn.chat);
  if (attempt === undefined || due === undefined || due > turn.now) return;
  turn.set({ attempt: { ...attempt, repeated: true } });
  advance({ world, turn }, attempt.full, { tag: 'start' });
}

/** No person is asked where there is a session already. */
function isRepeatable(world: World, chat: Chat, { by, full, repeated }: Attempt): boolean {
  if (by !== 'us' || repeated === true || world.wire.state().tag !== 'online') return false;
  const device = chat.devices.get(full);
  return device?.online === true && viewOf(device) !== undefined;
}
