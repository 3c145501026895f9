// SPDX-License-Identifier: GPL-3.0-or-later

import { canPrepare, nextTickAt } from '#otr';
import { planAway } from './away-plan.ts';
import type { Attempt, Chat, Device } from './chat.ts';
import { advance } from './effects.ts';
import { nextVanishAt, vanish } from './keep.ts';
import { withdrawInvitation } from './invitation.ts';
import type { World } from './ports.ts';
import { OFFLINE_GRACE_MS, tellPresence } from './presence.ts';
import { repeatAt, repeatRenewal } from './renewal.ts';
import { viewOf } from './sessions.ts';
import { ANSWER_MS, dropAttempt, INVITATION_MS } from './starting.ts';
import type { Entry } from './timeline.ts';
import type { Turn } from './turn.ts';
import { expireTyping } from './typing.ts';

/** A timer may not be ordered for longer than this (a 32-bit count of milliseconds). */
const MAX_DELAY_MS = 2_000_000_000;

/** After so long without anything happening, the keys of our next turn are made. */
const IDLE_MS = 200;

/** When the line about its going is due. */
const graceEnd = ({ offlineAt, offlineTold }: Device): number | undefined =>
  offlineAt === undefined || offlineTold ? undefined : offlineAt + OFFLINE_GRACE_MS;

/** How long until something happens here by itself; undefined: it will not. */
export function nextDelayMs(
  world: World,
  chat: Chat,
  entries: readonly Entry[],
): number | undefined {
  const now = world.clock.now();
  const monotonic = world.clock.monotonicNow();
  const devices = [...chat.devices.values()];
  const ticks = devices
    .map(({ session }) => (session === undefined ? undefined : nextTickAt(session)))
    .map((at) => (at === undefined ? undefined : at - monotonic));
  const instants = [
    ...devices.map(graceEnd),
    chat.invitation && chat.invitation.at + INVITATION_MS,
    chat.attempt && expiryOf(chat.attempt),
    repeatAt(world, chat),
    nextVanishAt(entries),
  ].map((at) => (at === undefined ? undefined : at - now));
  const typing = chat.typing.peer === undefined ? [] : [chat.typing.peer.until - monotonic];
  const idle = devices.some(mayPrepare) ? [IDLE_MS] : [];
  const away = planAway(world, chat, entries);
  // What is due already is under way.
  const later = away !== undefined && away.dueAt > monotonic ? [away.dueAt - monotonic] : [];
  const delays = [...ticks, ...instants, ...typing, ...idle, ...later].filter(
    (delay) => delay !== undefined,
  );
  if (delays.length === 0) return undefined;
  return Math.min(Math.max(Math.ceil(Math.min(...delays)), 0), MAX_DELAY_MS);
}

/** Whatever is due. Called too early it does nothing. */
export function applyTick(world: World, turn: Turn): void {
  const monotonic = world.clock.monotonicNow();
  for (const { full, session } of turn.chat.devices.values()) {
    const due = session === undefined ? undefined : nextTickAt(session);
    if (due !== undefined && due <= monotonic) advance({ world, turn }, full, { tag: 'tick' });
  }
  makeKeysAhead(world, turn);
  expireInvitation(turn);
  expireAttempt(world, turn);
  repeatRenewal(world, turn);
  for (const device of turn.chat.devices.values()) tellOffline(world, turn, device);
  expireTyping(world, turn);
  vanish(turn);
}

const mayPrepare = ({ session }: Device): boolean => session !== undefined && canPrepare(session);

/** The next text then leaves at once, although it comes with new ratchet keys. */
function makeKeysAhead(world: World, turn: Turn): void {
  for (const device of turn.chat.devices.values()) {
    if (mayPrepare(device)) advance({ world, turn }, device.full, { tag: 'prepare' });
  }
}

function expireInvitation(turn: Turn): void {
  const { invitation } = turn.chat;
  if (invitation !== undefined && invitation.at + INVITATION_MS <= turn.now)
    withdrawInvitation(turn);
}

/** A person may take ten minutes to answer, a program a minute. */
const expiryOf = ({ by, since }: Attempt): number =>
  since + (by === 'us' ? INVITATION_MS : ANSWER_MS);

function expireAttempt(world: World, turn: Turn): void {
  const { attempt } = turn.chat;
  if (attempt === undefined || expiryOf(attempt) > turn.now) return;
  dropAttempt(world, turn, 'no-answer');
  advance({ world, turn }, attempt.full, { tag: 'cancel' });
}

/** After the grace it is a fact: text waits for this device, and an unanswered start is over. */
function tellOffline(world: World, turn: Turn, device: Device): void {
  const due = graceEnd(device);
  if (due === undefined || due > turn.now) return;
  turn.setDevice(device.full, { offlineTold: true });
  if (turn.chat.attempt?.full === device.full) {
    dropAttempt(world, turn, 'offline');
    advance({ world, turn }, device.full, { tag: 'cancel' });
  } else if (viewOf(device) !== undefined) {
    tellPresence(world, turn, device, 'away');
  }
}
