// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { MessageDevice, MessageItem } from '#shared/model/timeline.ts';
import { audienceOf } from './audience.ts';
import { absentTags } from './away-plan.ts';
import { type DeviceBook, deviceBookOf } from './device-lists.ts';
import { advance, drain } from './effects.ts';
import { heldOf } from './facts.ts';
import { goLive } from './going-live.ts';
import type { World } from './ports.ts';
import { isFor, overall, setDelivery, toRecipients, waitingMessages } from './recipients.ts';
import type { Live } from './sessions.ts';
import type { Turn } from './turn.ts';

/** Encrypts one text for each device it is meant for; those that are away get it when they are back. */
export function encrypt(world: World, turn: Turn, item: MessageItem): void {
  const audience = audienceOf(world, turn.chat);
  const book = deviceBookOf(world, turn.chat.peer);
  const absent = absentTags(world, turn.chat, audience);
  const devices = [...toRecipients(book, audience), ...absent.map((tag) => toAbsent(book, tag))];
  put(turn, item, devices, [...audience.now, ...audience.later]);
  for (const { device } of audience.now) say(world, turn, item, device.full);
  goLive(world, turn, audience.now);
  drain({ world, turn });
}

const toAbsent = ({ nameOf }: DeviceBook, tag: number): MessageDevice => ({
  name: nameOf(tag),
  delivery: 'held',
});

function put(
  turn: Turn,
  item: MessageItem,
  devices: readonly MessageDevice[],
  audience: readonly Live[],
): void {
  const protection = audience.every(({ verified }) => verified) ? 'verified' : 'unverified';
  const delivery = overall(devices);
  turn.put({ item: { ...item, protection, delivery, devices }, readAt: undefined });
}

const say = (world: World, turn: Turn, { id, text }: MessageItem, full: FullJid): void => {
  advance({ world, turn }, full, { tag: 'send', ref: id, text });
};

/** What waited for one device of several leaves when it is back, and can read us. */
export function flushWaiting(world: World, turn: Turn): void {
  for (const { view, device } of audienceOf(world, turn.chat).now) {
    const tag = formatTag(view.theirTag);
    for (const item of waitingMessages(turn.entries())) {
      if (!item.devices.some((one) => isFor(one, tag) && one.delivery === 'held')) continue;
      setDelivery(turn, item.id, tag, () => 'sending');
      say(world, turn, item, device.full);
    }
  }
}

/** Everything that was held leaves in the order it was typed, encrypted. */
export function flushHeld(world: World, turn: Turn): void {
  for (const { item } of heldOf(turn.entries())) {
    if (item.kind === 'message') encrypt(world, turn, item);
  }
}

/** Which devices of a message it is sent to again: those that did not get it, else those that may not have. */
function missedBy({ devices }: MessageItem): readonly MessageDevice[] {
  const failed = devices.filter(({ delivery }) => delivery === 'failed');
  return failed.length > 0 ? failed : devices.filter(({ delivery }) => delivery === 'unconfirmed');
}

/** Again, encrypted anew, to those of its devices that missed it and are in the chat. */
export function resendToSome(world: World, turn: Turn, item: MessageItem): void {
  const { now, later } = audienceOf(world, turn.chat);
  const missed = missedBy(item);
  const isWanted = ({ view }: Live): boolean =>
    missed.some((device) => isFor(device, formatTag(view.theirTag)));
  if (missed.length === 0) throw new AppFailure('input-invalid');
  if (![...now, ...later].some(isWanted)) throw new AppFailure('session-needed');
  for (const { view, device } of now.filter(isWanted)) {
    setDelivery(turn, item.id, formatTag(view.theirTag), () => 'sending');
    say(world, turn, item, device.full);
  }
  for (const { view } of later.filter(isWanted)) {
    setDelivery(turn, item.id, formatTag(view.theirTag), () => 'held');
  }
}
