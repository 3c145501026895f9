// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import type { Chat, Device } from './chat.ts';
import { choicesOf, isBlocked, sendToOf, tagLastMetAt } from './choices.ts';
import type { World } from './ports.ts';
import { startingTagOf, viewOf } from './sessions.ts';
import { isVerifiedDevice } from './trust.ts';
import type { Turn } from './turn.ts';

/** Who is at this address, as far as we know: in a chat with us, or met there before. */
const tagAt = (world: World, chat: Chat, device: Device): number | undefined =>
  viewOf(device)?.theirTag ?? tagLastMetAt(world, device.full, chat.peer);

/** Whether a start that is under way may be with this device. Where it was never met, that may be any. */
export function mayBeStarting(world: World, { chat }: Turn, tag: number): boolean {
  const device = chat.attempt && chat.devices.get(chat.attempt.full);
  if (device === undefined) return false;
  const at = startingTagOf(device) ?? tagAt(world, chat, device);
  return at === tag || (at === undefined && !isMet(world, chat, tag));
}

/**
 * The device a start or refresh goes to: the chosen one, else the one last active, else one that is
 * verified, else the most prominent one here.
 */
export function deviceToStart(world: World, chat: Chat): FullJid | undefined {
  const here = [...chat.devices.values()]
    .filter(({ online }) => online)
    .map((device) => ({ device, tag: tagAt(world, chat, device) }))
    .filter(({ tag }) => tag === undefined || !isBlocked(world, chat.peer, tag));
  const sendTo = sendToOf(world, chat);
  if (sendTo.rule === 'chosen') {
    const chosen = here.find(({ tag }) => tag === sendTo.tag);
    if (chosen !== undefined || isMet(world, chat, sendTo.tag)) return chosen?.device.full;
    // Nobody knows where it is: it may be any that nobody knows.
    return here.find(({ tag }) => tag === undefined)?.device.full;
  }
  const rankOf = ({ device, tag }: (typeof here)[number]): number => {
    if (device.full === chat.active) return 2;
    return tag !== undefined && isVerifiedDevice(world, chat.peer, tag) ? 1 : 0;
  };
  const [best] = here.toSorted(
    (a, b) =>
      rankOf(b) - rankOf(a) ||
      b.device.lastActiveAt - a.device.lastActiveAt ||
      b.device.priority - a.device.priority,
  );
  return best?.device.full;
}

const isMet = (world: World, { peer }: Chat, tag: number): boolean =>
  choicesOf(world, peer).get(tag)?.resource !== undefined;

/**
 * A verified device of the contact that is here but not in the chat that runs. Messages are for all
 * verified devices, so it is invited too; once, for as long as it stays.
 */
export function deviceToInvite(world: World, chat: Chat): FullJid | undefined {
  if (sendToOf(world, chat).rule !== 'verified') return undefined;
  const missing = [...chat.devices.values()].find((device) => {
    if (!device.online || device.invited || viewOf(device) !== undefined) return false;
    const tag = tagLastMetAt(world, device.full, chat.peer);
    return tag !== undefined && mayGetMessages(world, chat, tag);
  });
  return missing?.full;
}

function mayGetMessages(world: World, chat: Chat, tag: number): boolean {
  const isInChat = [...chat.devices.values()].some((device) => viewOf(device)?.theirTag === tag);
  return !isInChat && !isBlocked(world, chat.peer, tag) && isVerifiedDevice(world, chat.peer, tag);
}
