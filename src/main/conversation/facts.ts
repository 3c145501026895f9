// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import type { ContactRow } from '#main/store/rows.ts';
import { type Audience, audienceOf, everyoneIn, isReached } from './audience.ts';
import { beganOffline } from './away.ts';
import { type Chat, isOnline } from './chat.ts';
import { announcesOtr } from './device-lists.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { type Live, liveOf } from './sessions.ts';
import { derive, type Derived, type Facts } from './state.ts';
import type { Entry } from './timeline.ts';
import type { Turn } from './turn.ts';

export const heldOf = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ item }) => item.kind === 'message' && item.delivery === 'held');

const isKnown = (world: World, chat: Chat, contact: ContactRow | undefined): boolean =>
  contact?.usedOtr === true || chat.offered || announcesOtr(world, chat.peer);

function liveness(audience: readonly Live[]): Facts['live'] {
  if (audience.length === 0) return 'none';
  if (audience.every(({ verified }) => verified)) return 'verified';
  return audience.some(({ verified }) => verified) ? 'mixed' : 'unverified';
}

/** A start beside a running chat holds nothing up, unless it is with a device that is to be written to. */
const isStarting = ({ attempt }: Chat, now: readonly Live[]): boolean =>
  attempt !== undefined &&
  (now.length === 0 ||
    now.some(({ device, view }) => device.full === attempt.full && !beganOffline(view)));

function whileAway(
  chat: Chat,
  now: readonly Live[],
  connected: boolean,
): Pick<Facts, 'away' | 'kept' | 'seeking' | 'keyless'> {
  const isSomeoneReached = now.some(isReached);
  return {
    away: !connected || !isSomeoneReached,
    kept: isSomeoneReached && !isOnline(chat),
    seeking: chat.away?.tag === 'wanted' || chat.away?.tag === 'asking',
    keyless: chat.away?.tag === 'none',
  };
}

/** Looks at the conversation as it is, or as it will be after a turn. */
export function factsOf(
  world: World,
  chat: Chat,
  entries: readonly Entry[],
  reached: Audience = audienceOf(world, chat),
): Facts {
  const contact = world.store.contacts.get(chat.id);
  const { now } = reached;
  const audience = everyoneIn(reached);
  const connected = world.wire.state().tag === 'online';
  return {
    rules: rulesOf(world, contact),
    mayBeClear: permitsClear(world.mode()),
    reachable: connected && isOnline(chat),
    known: isKnown(world, chat, contact),
    starting: isStarting(chat, now),
    failure: chat.failure,
    live: liveness(audience),
    allowed: audience.every(({ verified, allowed }) => verified || allowed),
    elsewhere: audience.length === 0 && liveOf(world, chat).length > 0,
    ...whileAway(chat, now, connected),
    interrupted: now.some(({ device }) => device.interrupted),
    keyChanged: chat.changedKey !== undefined,
    ended: chat.ended?.by,
    unlocked: chat.unlocked,
    held: heldOf(entries).length,
    epoch: chat.epoch,
  };
}

export const deriveTurn = (world: World, turn: Turn): Derived =>
  derive(factsOf(world, turn.chat, turn.entries()));
