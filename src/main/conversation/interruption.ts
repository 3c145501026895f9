// SPDX-License-Identifier: GPL-3.0-or-later

import type { IgnoredWhy, UnreadableWhy } from '#otr';
import type { ErrorCode } from '#otr/codec/error-message.ts';
import type { FullJid } from '#shared/model/jid.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { World } from './ports.ts';
import { setDelivery } from './recipients.ts';
import { viewOf } from './sessions.ts';
import type { Turn } from './turn.ts';

const MINUTE_MS = 60_000;
/** One refresh that nobody asked for, then only by hand (ux 2.5.7, flood guard). */
const REFRESH_PAUSE_MS = 5 * MINUTE_MS;
/** Unreadable messages closer together than this are one line. */
const GROUP_MS = 5 * MINUTE_MS;
/** Until when a device that found no session here may restore it without asking. */
export const RECOVERY = 'recovery:';

export function noteIgnored(world: World, turn: Turn, full: FullJid, why: IgnoredWhy): void {
  const { attempt } = turn.chat;
  if (why === 'invalid' && attempt?.full === full) {
    turn.set({ attempt: { ...attempt, refusedOne: true } });
  }
  if (why === 'malformed')
    turn.tellOnce({ name: 'damaged' }, MINUTE_MS, world.clock.monotonicNow());
  if (why === 'reflected') {
    turn.tellOnce({ name: 'reflected' }, MINUTE_MS, world.clock.monotonicNow());
  }
}

/** A message of theirs that we cannot read: one line for all of a kind, and S9 where there is a session. */
export function noteUnreadable(world: World, turn: Turn, full: FullJid, why: UnreadableWhy): void {
  countUnreadable(turn);
  if (why === 'undecryptable') {
    interrupt(world, turn, full);
  } else {
    const until = world.clock.monotonicNow() + REFRESH_PAUSE_MS;
    turn.set({ quiet: new Map(turn.chat.quiet).set(`${RECOVERY}${full}`, until) });
  }
}

function countUnreadable(turn: Turn): void {
  const last = turn.entries().findLast(({ item }) => {
    return item.kind === 'event' && item.event.name === 'unreadable';
  });
  const item = last?.item;
  if (
    last === undefined ||
    item?.kind !== 'event' ||
    item.event.name !== 'unreadable' ||
    turn.now - item.at > GROUP_MS
  ) {
    turn.tell({ name: 'unreadable', count: 1 });
    return;
  }
  const event = { name: 'unreadable', count: item.event.count + 1 } as const;
  turn.put({ ...last, item: { ...item, event } });
}

/**
 * The peer says that it could not read something. Anyone on the way may have said so: a live
 * session stays what it is, and what has no receipt yet can be sent again.
 */
export function notePeerError(world: World, turn: Turn, full: FullJid, code: ErrorCode): void {
  if (viewOf(turn.device(full)) === undefined) return;
  if (code !== 'not-private') {
    turn.tellOnce({ name: 'peer-could-not-read' }, MINUTE_MS, world.clock.monotonicNow());
  }
  failUnread(turn, full);
  if (code !== 'malformed') interrupt(world, turn, full);
}

/** Texts to this device since it last showed that it can read us. One of unknown fate keeps that. */
function failUnread(turn: Turn, full: FullJid): void {
  const device = turn.device(full);
  const tag = viewOf(device)?.theirTag;
  if (tag === undefined) return;
  for (const { item } of turn.entries()) {
    if (item.kind !== 'message' || item.direction !== 'out') continue;
    if (item.ended || item.at < device.lastActiveAt) continue;
    setDelivery(turn, item.id, formatTag(tag), (now) =>
      now === 'sent' || now === 'sending' ? 'failed' : undefined,
    );
  }
}

/** S9: the session goes on where it can, text is held, and the keys are refreshed once. */
function interrupt(world: World, turn: Turn, full: FullJid): void {
  const device = turn.device(full);
  if (viewOf(device) === undefined) return;
  if (!device.interrupted) {
    turn.setDevice(full, { interrupted: true });
    turn.set({ epoch: turn.chat.epoch + 1 });
    turn.tellOnce({ name: 'interrupted' }, MINUTE_MS, world.clock.monotonicNow());
  }
  refreshByItself(world, turn, full);
}

/** New keys without being asked: at most once in five minutes for each device. */
function refreshByItself(world: World, turn: Turn, full: FullJid): void {
  const { refreshedAt, online } = turn.device(full);
  const nowMs = world.clock.monotonicNow();
  if (refreshedAt !== undefined && nowMs - refreshedAt < REFRESH_PAUSE_MS) return;
  if (!online || world.wire.state().tag !== 'online') {
    turn.setDevice(full, { stale: true });
    return;
  }
  turn.setDevice(full, { refreshedAt: nowMs, stale: false });
  turn.stepLater(full, { tag: 'start' });
}
