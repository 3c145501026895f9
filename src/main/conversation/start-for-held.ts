// SPDX-License-Identifier: GPL-3.0-or-later

import { advance } from './effects.ts';
import { deriveTurn, heldOf } from './facts.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { deviceToStart } from './sessions.ts';
import type { Turn } from './turn.ts';

/** Under "always" and "whenever" held text is what starts the chat, as soon as a device is there. */
export function startForHeld(world: World, turn: Turn): void {
  const { otr } = rulesOf(world, world.store.contacts.get(turn.chat.id));
  if (otr !== 'always' && otr !== 'whenever') return;
  if (turn.chat.failure !== undefined || world.wire.state().tag !== 'online') return;
  const { state, composer } = deriveTurn(world, turn);
  if (composer !== 'hold' || (state !== 'plain' && state !== 'plain-available')) return;
  const full = deviceToStart(turn.chat);
  if (full === undefined || heldOf(turn.entries()).length === 0) return;
  advance({ world, turn }, full, { tag: 'start' });
}
