// SPDX-License-Identifier: GPL-3.0-or-later

import type { ItemId } from '#shared/model/ids.ts';
import type { Delivery, MessageDevice, MessageItem } from '#shared/model/timeline.ts';
import type { DeviceName } from '#shared/model/conversation.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { Audience } from './audience.ts';
import type { DeviceBook } from './device-lists.ts';
import type { Live } from './sessions.ts';
import type { Entry } from './timeline.ts';
import type { Turn } from './turn.ts';

/** How far a message has come; the last is the farthest. */
const FARTHEST: readonly Delivery[] = ['unconfirmed', 'sending', 'sent', 'delivered'];

/**
 * What is told of a message to several devices: it arrived when one could read it, and failed when
 * none can have. What waits for one of them is told beside that.
 */
export function overall(devices: readonly MessageDevice[]): Delivery {
  const reached = devices.map(({ delivery }) => FARTHEST.indexOf(delivery));
  return FARTHEST[Math.max(-1, ...reached)] ?? 'failed';
}

export const isFor = ({ name }: MessageDevice, tag: string): boolean => name.instanceTag === tag;

/** Everyone a text is for: those who get it now, and those who get it when they are back. */
export function toRecipients(book: DeviceBook, { now, later }: Audience): readonly MessageDevice[] {
  const toDevice =
    (delivery: Delivery) =>
    ({ view }: Live): MessageDevice => ({
      name: book.nameOf(view.theirTag),
      delivery,
    });
  return [...now.map(toDevice('sending')), ...later.map(toDevice('held'))];
}

export const fromDevice = (name: DeviceName): readonly MessageDevice[] => [
  { name, delivery: 'delivered' },
];

type Change = (delivery: Delivery) => Delivery | undefined;

/** What becomes of a message at one of its devices. `undefined`: it stays as it is. */
export function setDelivery(turn: Turn, id: ItemId, tag: string, change: Change): void {
  const item = turn.entry(id)?.item;
  if (item?.kind !== 'message') return;
  const devices = item.devices.map((device) => {
    const delivery = isFor(device, tag) ? change(device.delivery) : undefined;
    return delivery === undefined ? device : { ...device, delivery };
  });
  if (devices.every((device, index) => device === item.devices[index])) return;
  const whole = overall(devices);
  // What is held to be sent again goes on waiting, unless it has arrived after all.
  const isHeld = item.delivery === 'held' && whole !== 'delivered';
  turn.edit(id, { devices, delivery: isHeld ? 'held' : whole });
}

/** What waits for a device that is gone for good does not arrive. */
export function failWaiting(turn: Turn, tag: number): void {
  const instanceTag = formatTag(tag);
  for (const item of waitingMessages(turn.entries())) {
    setDelivery(turn, item.id, instanceTag, (now) => (now === 'held' ? 'failed' : undefined));
  }
}

/** Messages that have left, but not to all the devices they are for. */
export const waitingMessages = (entries: readonly Entry[]): readonly MessageItem[] =>
  entries.flatMap(({ item }) => (isWaiting(item) ? [item] : []));

const isWaiting = (item: Entry['item']): item is MessageItem =>
  item.kind === 'message' &&
  item.delivery !== 'held' &&
  item.devices.some(({ delivery }) => delivery === 'held');
