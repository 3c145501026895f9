// SPDX-License-Identifier: GPL-3.0-or-later

import { describe } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import type { WirePresence } from '#main/xmpp/wire.ts';
import { audienceOf, everyoneIn } from './audience.ts';
import { isWritableAway } from './away.ts';
import { type Device, NOBODY_TYPES } from './chat.ts';
import { deviceWordOf } from './device-lists.ts';
import { advance } from './effects.ts';
import { withdrawInvitation } from './invitation.ts';
import type { World } from './ports.ts';
import { renew } from './renewal.ts';
import { liveOf, viewOf } from './sessions.ts';
import { startForHeld } from './start-for-held.ts';
import type { Turn } from './turn.ts';
import { stopTyping } from './typing.ts';

/** A device that is gone for less than this was only flickering. */
export const OFFLINE_GRACE_MS = 15_000;

/** Resources of one contact we keep track of. */
const MAX_RESOURCES = 32;

export function applyPresence(world: World, turn: Turn, presence: WirePresence): void {
  const { full } = presence.from;
  if (full === undefined) return;
  if (presence.available) applyAvailable(world, turn, full, presence);
  else applyUnavailable(world, turn, full);
}

function applyAvailable(
  world: World,
  turn: Turn,
  full: FullJid,
  { show, priority }: WirePresence,
): void {
  makeRoom(turn, full);
  const before = turn.device(full);
  turn.setDevice(full, { online: true, show, priority, offlineAt: undefined, offlineTold: false });
  if (before.offlineTold) tellPresence(world, turn, before, 'back');
  resume(world, turn, before);
  startForHeld(world, turn);
}

/** Of one of several devices it is said only when messages are for it; of the last, of the contact. */
export function tellPresence(
  world: World,
  turn: Turn,
  { full }: Device,
  what: 'away' | 'back',
): void {
  const live = liveOf(world, turn.chat);
  const isBeside = live.some(({ device }) => device.online && device.full !== full);
  if (!isBeside) {
    turn.tell({ name: what === 'away' ? 'contact-offline' : 'contact-back' });
    return;
  }
  const audience = everyoneIn(audienceOf(world, turn.chat));
  const tag = audience.find(({ device }) => device.full === full)?.view.theirTag;
  if (tag === undefined) return;
  turn.tell({ name: `device-${what}`, device: deviceWordOf(world, turn.chat.peer, tag) });
}

/** Its network session is a new one: the off-the-record one is renewed, an unanswered start repeated. */
function resume(world: World, turn: Turn, { full, stale }: Device): void {
  if (!stale) return;
  turn.setDevice(full, { stale: false });
  if (turn.chat.attempt?.full === full && turn.chat.attempt.by === 'us') {
    advance({ world, turn }, full, { tag: 'start' });
  } else {
    renew(world, turn, full);
  }
}

function applyUnavailable(world: World, turn: Turn, full: FullJid): void {
  const device = turn.chat.devices.get(full);
  stopTyping(turn, full, true);
  if (device === undefined) return;
  if (turn.chat.invitation?.full === full) withdrawInvitation(turn);
  restartAnswer(world, turn, full);
  const involved = viewOf(device) !== undefined || turn.chat.attempt?.full === full;
  if (involved) {
    turn.setDevice(full, {
      online: false,
      offlineAt: turn.now,
      // What began while one side was away outlives any line.
      stale: !isWritableAway(device),
      invited: false,
    });
  } else if (device.session === undefined || describe(device.session).tag === 'plaintext') {
    const devices = new Map(turn.chat.devices);
    devices.delete(full);
    turn.set({ devices });
  } else {
    turn.setDevice(full, { online: false, offlineAt: turn.now, invited: false });
  }
}

/**
 * Our answer to an invitation may be lost, and the engine waits for its echo: it has to forget it,
 * so that the invitation is answered when it comes again. To the user nothing has changed.
 */
function restartAnswer(world: World, turn: Turn, full: FullJid): void {
  const { attempt } = turn.chat;
  if (attempt?.full !== full || attempt.by !== 'peer') return;
  turn.set({ attempt: undefined });
  advance({ world, turn }, full, { tag: 'cancel' });
  turn.set({ attempt: { ...attempt, since: turn.now } });
}

/** Who writes is there, also where we may not see their presence. */
export function noteAlive(turn: Turn, full: FullJid): void {
  makeRoom(turn, full);
  turn.setDevice(full, { online: true, offlineAt: undefined, lastActiveAt: turn.now });
}

/** Resources are named by the other side: there may be any number of them. */
function makeRoom(turn: Turn, full: FullJid): void {
  if (turn.chat.devices.has(full) || turn.chat.devices.size < MAX_RESOURCES) return;
  const idle = [...turn.chat.devices.values()].find(({ session }) => session === undefined);
  if (idle === undefined) return;
  const devices = new Map(turn.chat.devices);
  devices.delete(idle.full);
  turn.set({ devices });
}

/** Our own line is a new one: nobody's presence is known, and no session is certain to have survived. */
export function forgetPresence(world: World, turn: Turn): void {
  turn.set({
    typing: NOBODY_TYPES,
    away: undefined,
    presenceSince: world.clock.monotonicNow(),
  });
  if (turn.chat.attempt !== undefined) restartAnswer(world, turn, turn.chat.attempt.full);
  for (const [full, device] of turn.chat.devices) {
    const involved = viewOf(device) !== undefined || turn.chat.attempt?.full === full;
    turn.setDevice(full, {
      online: false,
      offlineAt: undefined,
      offlineTold: false,
      stale: device.stale || (involved && !isWritableAway(device)),
    });
  }
}
