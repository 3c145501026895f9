// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import type { Chat } from './chat.ts';
import { advance } from './effects.ts';
import type { World } from './ports.ts';
import { deviceToInvite } from './reaching.ts';
import { rulesOf } from './rules.ts';
import { viewOf } from './sessions.ts';
import type { Turn } from './turn.ts';

/** Whether somebody may be missing: asked at every turn, so nothing is read for it. */
function mayMissSomebody({ devices, attempt }: Chat): boolean {
  if (attempt !== undefined) return false;
  const all = [...devices.values()];
  const isRunning = all.some((device) => viewOf(device) !== undefined);
  return isRunning && all.some((one) => one.online && !one.invited && viewOf(one) === undefined);
}

/** Beside a running chat: a verified device that is here, too, is to be asked to join (decision 12). */
export function findMissing(world: World, chat: Chat): FullJid | undefined {
  if (!mayMissSomebody(chat) || world.wire.state().tag !== 'online') return undefined;
  if (rulesOf(world, world.store.contacts.get(chat.id)).otr === 'never') return undefined;
  return deviceToInvite(world, chat);
}

export function invite(world: World, turn: Turn, full: FullJid): void {
  turn.setDevice(full, { invited: true });
  advance({ world, turn }, full, { tag: 'start' });
}
