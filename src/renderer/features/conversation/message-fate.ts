// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName } from '#shared/model/conversation.ts';
import type { Delivery, MessageItem } from '#shared/model/timeline.ts';

/** Devices of the message with which it has not come as far as with others. */
export const devicesWith = ({ devices }: MessageItem, delivery: Delivery): readonly DeviceName[] =>
  devices.filter((device) => device.delivery === delivery).map(({ name }) => name);

/** What a note under the message is about: that is not like a line sent (ux I-4). */
export type Fate = NotedDelivery | 'failed-devices' | 'unconfirmed-devices' | 'waiting-devices';

type NotedDelivery = 'held' | 'failed' | 'unconfirmed';

export const isNoted = (delivery: Delivery): delivery is NotedDelivery =>
  delivery === 'held' || delivery === 'failed' || delivery === 'unconfirmed';

/** Devices that missed it come before those that may have: they are what "Send again" is for. */
export function fateOf(item: MessageItem): Fate | undefined {
  if (isNoted(item.delivery)) return item.delivery;
  if (devicesWith(item, 'failed').length > 0) return 'failed-devices';
  if (devicesWith(item, 'unconfirmed').length > 0) return 'unconfirmed-devices';
  return devicesWith(item, 'held').length > 0 ? 'waiting-devices' : undefined;
}

export const isUnconfirmed = (fate: Fate | undefined): boolean =>
  fate === 'unconfirmed' || fate === 'unconfirmed-devices';

export const hasNote = (item: MessageItem): boolean => fateOf(item) !== undefined;

/** All devices of the message are equally far, so one word tells. */
export const isSameEverywhere = ({ devices, delivery }: MessageItem): boolean =>
  devices.every((device) => device.delivery === delivery);
