// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import { type Chat, isOnline } from './chat.ts';
import { announcesOtr } from './device-lists.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { targetsOf, type Live } from './sessions.ts';
import { derive, type Derived, type Facts } from './state.ts';
import type { Entry } from './timeline.ts';
import type { Turn } from './turn.ts';

export const heldOf = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ item }) => item.kind === 'message' && item.delivery === 'held');

function liveness(targets: readonly Live[]): Facts['live'] {
  if (targets.length === 0) return 'none';
  return targets.every(({ verified }) => verified) ? 'verified' : 'unverified';
}

/** Looks at the conversation as it is, or as it will be after a turn. */
export function factsOf(world: World, chat: Chat, entries: readonly Entry[]): Facts {
  const contact = world.store.contacts.get(chat.id);
  const targets = targetsOf(world, chat);
  const connected = world.wire.state().tag === 'online';
  return {
    rules: rulesOf(world, contact),
    mayBeClear: permitsClear(world.mode()),
    reachable: connected && isOnline(chat),
    known: contact?.usedOtr === true || chat.offered || announcesOtr(world, chat.peer),
    starting: chat.attempt !== undefined,
    failure: chat.failure,
    live: liveness(targets),
    away: !connected || !targets.some(({ device }) => device.online),
    interrupted: targets.some(({ device }) => device.interrupted),
    keyChanged: chat.changedKey !== undefined,
    ended: chat.ended?.by,
    unlocked: chat.unlocked,
    held: heldOf(entries).length,
    epoch: chat.epoch,
  };
}

export const deriveTurn = (world: World, turn: Turn): Derived =>
  derive(factsOf(world, turn.chat, turn.entries()));
