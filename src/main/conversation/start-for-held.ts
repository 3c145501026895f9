// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationState } from '#shared/model/conversation.ts';
import { advance } from './effects.ts';
import { deriveTurn, heldOf } from './facts.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { deviceToStart } from './reaching.ts';
import type { Turn } from './turn.ts';

/** No session, and none under way. */
const IDLE: ReadonlySet<ConversationState> = new Set<ConversationState>([
  'plain',
  'plain-available',
  'not-started',
  'waiting',
]);

/** Under "always" and "whenever" held text is what starts the chat, as soon as a device is there. */
export function startForHeld(world: World, turn: Turn): void {
  if (!mayStart(world, turn) || heldOf(turn.entries()).length === 0) return;
  const { state, composer } = deriveTurn(world, turn);
  if (composer !== 'hold' || !IDLE.has(state)) return;
  const full = deviceToStart(world, turn.chat);
  if (full !== undefined) advance({ world, turn }, full, { tag: 'start' });
}

function mayStart(world: World, { chat }: Turn): boolean {
  const { otr } = rulesOf(world, world.store.contacts.get(chat.id));
  if (otr !== 'always' && otr !== 'whenever') return false;
  // Whoever said no, or nothing, is asked again by the user only.
  const isOpen = chat.failure === undefined || chat.failure === 'offline';
  return isOpen && world.wire.state().tag === 'online';
}
