// SPDX-License-Identifier: GPL-3.0-or-later

import type { OpenChats } from '#shared/model/conversation.ts';
import { isWritableAway } from './away.ts';
import type { Chat } from './chat.ts';
import { heldOf } from './facts.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import type { Thread } from './thread.ts';

/** What the user loses who quits now. */
export function toOpenChats(world: World, threads: readonly Thread[]): OpenChats {
  const open = threads.filter(
    ({ chat }) => chat.line !== undefined || liveOf(world, chat).length > 0,
  );
  const lasting = open.filter(({ chat }) => isLasting(world, chat)).length;
  const held = threads.flatMap(({ timeline }) => heldOf(timeline.all())).length;
  return { ending: open.length - lasting, lasting, held };
}

/** All that there is of it began while one side was away, and is on disk. */
function isLasting(world: World, chat: Chat): boolean {
  const live = liveOf(world, chat);
  if (chat.attempt !== undefined || live.length === 0) return false;
  return live.every(({ device }) => isWritableAway(device));
}
