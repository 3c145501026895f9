// SPDX-License-Identifier: GPL-3.0-or-later

import { describe } from '#otr';
import { AppFailure } from '#shared/errors/app-failure.ts';
import { isWritableAway } from './away.ts';
import type { Device } from './chat.ts';
import { closeLine } from './ended.ts';
import { advance } from './effects.ts';
import { deriveTurn } from './facts.ts';
import { putTombstone } from './keep.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { type Live, liveOf } from './sessions.ts';
import { openLine } from './starting.ts';
import { type Entry, isOffTheRecord } from './timeline.ts';
import { sendNotice } from './transmit.ts';
import type { Turn } from './turn.ts';
import { setNow } from './verification-result.ts';

/** Sessions that outlive the line to the server: those that began while one side was away (decision 8). */
export function endLiveSessions(world: World, turn: Turn): void {
  endSessions(world, turn, (device) => !isWritableAway(device));
}

/** Says goodbye to every device: Disconnected to those in a session, withdrawal to those invited. */
export function endSessions(
  world: World,
  turn: Turn,
  which: (device: Device) => boolean = () => true,
): void {
  const { attempt } = turn.chat;
  if (attempt?.by === 'us') sendNotice(world, turn, attempt.full, 'WITHDRAWN');
  for (const device of turn.chat.devices.values()) {
    const { full, session } = device;
    if (session === undefined || describe(session).tag === 'plaintext') continue;
    if (!which(device)) continue;
    advance({ world, turn }, full, { tag: 'end' });
    turn.setDevice(full, { interrupted: false, stale: false });
  }
  turn.set({
    attempt: undefined,
    failure: undefined,
    ended: undefined,
    unlocked: false,
    changedKey: undefined,
    away: undefined,
    epoch: turn.chat.epoch + 1,
  });
}

/** Whether there is anything to end here. */
const isOpen = ({ chat }: Turn, world: World): boolean =>
  chat.line !== undefined || chat.attempt !== undefined || liveOf(world, chat).length > 0;

/** As `end`, for what does not outlive the line to the server. What began while one was away goes on. */
export function endLive(world: World, turn: Turn): void {
  const isLasting = [...turn.chat.devices.values()].some(isWritableAway);
  const isOnlyThat =
    turn.chat.attempt === undefined && liveOf(world, turn.chat).every(isReachedAway);
  if (!isOpen(turn, world) || (isLasting && isOnlyThat)) return;
  end(world, turn, (device) => !isWritableAway(device));
  if (isLasting) openLine(turn);
}

const isReachedAway = ({ device }: Live): boolean => isWritableAway(device);

/** The user ends: no key is left, and by default no word either (ux 2.5.5). */
export function end(world: World, turn: Turn, which?: (device: Device) => boolean): void {
  const { keep } = rulesOf(world, world.store.contacts.get(turn.chat.id));
  endSessions(world, turn, which);
  setNow(turn, { tag: 'idle' });
  if (keep !== 'until-end') {
    closeLine(turn);
    turn.tell({ name: 'ended-by-us', removed: 0 });
    return;
  }
  const removed = removeAll(turn, () => true);
  turn.tell({ name: 'ended-by-us', removed });
}

/** Removes the messages of a chat that is over; its running successor stays. */
export function clear(world: World, turn: Turn): void {
  if (liveOf(world, turn.chat).length > 0) {
    removeAll(turn, ({ item }) => item.kind === 'message' && item.ended);
    return;
  }
  removeAll(turn, ({ item }) => item.kind !== 'message' || item.delivery !== 'held');
}

/** "Clear all off-the-record chats now": everything, at once, whatever the rules say. */
export function clearNow(world: World, turn: Turn): void {
  const live = turn.chat.line !== undefined || liveOf(world, turn.chat).length > 0;
  if (!live && !turn.entries().some(({ item }) => item.kind === 'message')) return;
  endSessions(world, turn);
  setNow(turn, { tag: 'idle' });
  const removed = removeAll(turn, () => true);
  if (live) turn.tell({ name: 'ended-by-us', removed });
}

/** Leaves one tombstone for the messages, and older tombstones as they are. */
function removeAll(turn: Turn, which: (entry: Entry) => boolean): number {
  const gone = turn.entries().filter((entry) => entry.item.kind !== 'tombstone' && which(entry));
  for (const { item } of gone) {
    turn.remove(item.id);
    if (item.id === turn.chat.line) turn.set({ line: undefined });
  }
  const removed = gone.filter(isOffTheRecord).length;
  if (removed > 0) putTombstone(turn, removed);
  turn.set({ unread: turn.entries().some(isOffTheRecord) ? turn.chat.unread : 0 });
  return removed;
}

/**
 * The user confirmed that the next message may go in clear. It only unlocks: nothing is sent by
 * this, and texts that were held stay held (I-3).
 */
export function writeUnencrypted(world: World, turn: Turn): void {
  const { state } = deriveTurn(world, turn);
  const { otr } = rulesOf(world, world.store.contacts.get(turn.chat.id));
  const over = state === 'ended-by-peer' || state === 'expired';
  if (otr === 'always' || !(over || state === 'plain' || state === 'plain-available')) {
    throw new AppFailure('conversation-locked');
  }
  for (const { full, session } of turn.chat.devices.values()) {
    if (session !== undefined && describe(session).tag === 'finished') {
      advance({ world, turn }, full, { tag: 'end' });
    }
  }
  turn.set({
    ended: undefined,
    failure: undefined,
    unlocked: true,
    epoch: turn.chat.epoch + 1,
  });
}
