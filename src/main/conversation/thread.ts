// SPDX-License-Identifier: GPL-3.0-or-later

import type { Chat } from './chat.ts';
import type { Deliveries } from './deliveries.ts';
import type { World } from './ports.ts';
import type { TurnQueue } from './queue.ts';
import type { Sealing } from './sealing.ts';
import { type MemoryTimeline } from './timeline.ts';
import { type NextItemId, Turn } from './turn.ts';

/** One conversation at run time: what it is now, and the queue of what happens to it. */
export interface Thread {
  chat: Chat;
  readonly timeline: MemoryTimeline;
  readonly queue: TurnQueue;
  /** Gives up the call that was ordered for the next thing due. */
  cancelTimer: () => void;
  /** What the window heard last, so that nothing is said twice. */
  published: { conversation: string; contact: string };
  /** Something may have changed since; and when it was told last, on the monotonic clock. */
  untold: boolean;
  /** Something to read has come that the user has not been told of. */
  news: Turn['news'];
  toldAt: number;
}

/** What all conversations of one account share beside the world. */
export interface Shared {
  readonly world: World;
  readonly deliveries: Deliveries;
  readonly nextItemId: NextItemId;
  readonly sealing: Sealing;
  /** Whether the server acknowledges stanzas; if not, handing over is all we hear of. */
  acknowledges: boolean;
}

export const beginTurn = ({ world, nextItemId }: Shared, thread: Thread): Turn =>
  new Turn(thread.chat, thread.timeline, nextItemId, world.clock.now());
