// SPDX-License-Identifier: GPL-3.0-or-later

import { forgetUnfinished, LIMITS, type Unfinished, unfinishedOf } from '#otr';
import type { Chat } from './chat.ts';
import type { Turn } from './turn.ts';

/**
 * Whose pieces have to go, because all chats together hold too many: of the one that holds most.
 * Many devices of one contact take no room from anybody else.
 */
export function findOverfull(chats: readonly Chat[]): Chat['id'] | undefined {
  const held = chats.map((chat) => ({ id: chat.id, ...heldBy(chat) }));
  const messages = held.reduce((sum, one) => sum + one.messages, 0);
  const chars = held.reduce((sum, one) => sum + one.chars, 0);
  if (messages <= LIMITS.fragmentBuffersTotal && chars <= LIMITS.fragmentBytesTotal)
    return undefined;
  const share = (one: Unfinished): number =>
    one.messages / LIMITS.fragmentBuffersTotal + one.chars / LIMITS.fragmentBytesTotal;
  return held.toSorted((a, b) => share(b) - share(a))[0]?.id;
}

function heldBy({ devices }: Chat): Unfinished {
  let [messages, chars] = [0, 0];
  for (const { session } of devices.values()) {
    const unfinished = session === undefined ? undefined : unfinishedOf(session);
    messages += unfinished?.messages ?? 0;
    chars += unfinished?.chars ?? 0;
  }
  return { messages, chars };
}

export function dropFragments(turn: Turn): void {
  for (const { full, session } of turn.chat.devices.values()) {
    if (session !== undefined) turn.setDevice(full, { session: forgetUnfinished(session) });
  }
}
