// SPDX-License-Identifier: GPL-3.0-or-later

import type {
  AnnouncedDeviceView,
  ConversationView,
  DeviceView,
} from '#shared/model/conversation.ts';

export type DeviceAct =
  | 'verify'
  | 'compare'
  | 'copy'
  | 'rename'
  | 'only'
  | 'allow'
  | 'disallow'
  | 'unblock'
  | 'remove'
  | 'block'
  | 'forget';

/** In groups, the weightiest last. */
export type DeviceActs = readonly (readonly DeviceAct[])[];

const when = (isWanted: boolean, ...acts: readonly DeviceAct[]): readonly DeviceAct[] =>
  isWanted ? acts : [];

const isVerified = ({ trust }: DeviceView): boolean => trust.tag === 'verified';

/** What can be done with a device that has been off the record with us (ux 2.5.8). */
export function toDeviceActs(device: DeviceView, view: ConversationView): DeviceActs {
  const { trust, live, blocked, allowed } = device;
  // Letting it in means something only where others keep it out.
  const isKeptOut = trust.tag === 'unverified' && view.devices.some(isVerified);
  const acts = [
    [...when(!isVerified(device) && live, 'verify'), 'compare', 'copy'] as const,
    [
      'rename',
      ...when(!blocked && !isOnly(device, view), 'only'),
      ...when(isKeptOut && !blocked, allowed ? 'disallow' : 'allow'),
    ] as const,
    [
      ...when(isVerified(device), 'remove'),
      blocked ? 'unblock' : 'block',
      ...when(!blocked, 'forget'),
    ] as const,
  ];
  return acts;
}

/** With one that is only listed: nothing proves it, but it can be kept away, or let in beforehand. */
export const toAnnouncedActs = (device: AnnouncedDeviceView): DeviceActs => [
  ['rename'],
  [device.blocked ? 'unblock' : 'block'],
];

const isOnly = ({ name }: DeviceView, { sendTo }: ConversationView): boolean =>
  sendTo.rule === 'chosen' && sendTo.device.instanceTag === name.instanceTag;

/** Without this device nobody would be left in the chat. */
export const isLastInChat = (tag: string, { devices }: ConversationView): boolean =>
  devices.some(({ inChat, name }) => inChat && name.instanceTag === tag) &&
  !devices.some(({ inChat, name }) => inChat && name.instanceTag !== tag);
