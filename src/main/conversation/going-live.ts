// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import { beganOffline } from './away.ts';
import { tagLastMetAt } from './choices.ts';
import { viewOf } from './sessions.ts';
import type { World } from './ports.ts';
import type { Live } from './sessions.ts';
import type { Turn } from './turn.ts';

/** One attempt, then not again for as long. */
const PAUSE_MS = 5 * 60_000;

/**
 * Both are here, and what is said still goes by keys that began while one was away: new ones are agreed
 * on beside them, and take their place once they are proven (otr S-23, ux 2.5.10). Until then, and for
 * whatever is late, the old ones serve.
 */
export function goLive(world: World, turn: Turn, reached: readonly Live[]): void {
  if (turn.chat.attempt !== undefined || turn.chat.invitation !== undefined) return;
  for (const { device, view } of reached) {
    if (!beganOffline(view)) continue;
    const full = device.online ? device.full : addressOf(world, turn, view.theirTag);
    if (full === undefined || !mayTry(world, turn, view.theirTag)) continue;
    turn.stepLater(full, { tag: 'start' });
    return;
  }
}

/** Where the device was met, if somebody is there now: a key exchange shows who. */
function addressOf(world: World, { chat }: Turn, tag: number): FullJid | undefined {
  const here = [...chat.devices.values()].filter(
    (device) => device.online && viewOf(device) === undefined,
  );
  return here.find(({ full }) => tagLastMetAt(world, full, chat.peer) === tag)?.full;
}

function mayTry(world: World, turn: Turn, tag: number): boolean {
  const name = `live:${String(tag)}`;
  const now = world.clock.monotonicNow();
  if (now < (turn.chat.quiet.get(name) ?? -Infinity)) return false;
  turn.set({ quiet: new Map(turn.chat.quiet).set(name, now + PAUSE_MS) });
  return true;
}
