// SPDX-License-Identifier: GPL-3.0-or-later

import { isWritableAway } from './away.ts';
import type { Chat } from './chat.ts';
import { sendToOf } from './choices.ts';
import { listedTags, withoutUnlisted } from './device-lists.ts';
import type { World } from './ports.ts';
import { type Live, liveOf } from './sessions.ts';

/** The devices in the chat that the next text is for. */
export interface Audience {
  /** They get it at once; if none of them is there, it waits for all of them. */
  readonly now: readonly Live[];
  /** They get it when they are back. */
  readonly later: readonly Live[];
}

const isReady = ({ device }: Live): boolean => isReached({ device }) && !device.interrupted;

/** What is said to it now gets there: at once, or when it is back. */
export const isReached = ({ device }: Pick<Live, 'device'>): boolean =>
  device.online || isWritableAway(device);

export function audienceOf(world: World, chat: Chat): Audience {
  const meant = meantFor(world, chat);
  const here = [meant.filter(isReady), meant.filter(isReached)];
  const now = here.find(({ length }) => length > 0) ?? meant;
  return { now, later: meant.filter((one) => !now.includes(one)) };
}

/** Where the next text goes first. */
export const targetsOf = (world: World, chat: Chat): readonly Live[] => audienceOf(world, chat).now;

/** Everyone whom the next text reaches, sooner or later. */
export const everyoneIn = ({ now, later }: Audience): readonly Live[] => [...now, ...later];

/**
 * By the user's choice. Once something of the contact's is verified no other device gets anything
 * unless the user said so of that very device (decision 12).
 */
function meantFor(world: World, chat: Chat): readonly Live[] {
  const live = liveOf(world, chat);
  const sendTo = sendToOf(world, chat);
  if (sendTo.rule === 'chosen') return live.filter(({ view }) => view.theirTag === sendTo.tag);
  const usable = usableOf(world, chat, live);
  if (sendTo.rule === 'verified' && usable.length > 0) return usable;
  return lastActiveOf(chat, usable.length > 0 ? usable : live);
}

function usableOf(world: World, chat: Chat, live: readonly Live[]): readonly Live[] {
  const tags = listedTags(world, chat.peer);
  const verified = live.filter((one) => one.verified);
  const allowed = live.filter((one) => one.allowed && !one.verified);
  return [...withoutUnlisted(tags, verified), ...withoutUnlisted(tags, allowed)];
}

function lastActiveOf(chat: Chat, live: readonly Live[]): readonly Live[] {
  const active = live.find(({ device }) => device.full === chat.active);
  const [latest] = live.toSorted((a, b) => b.device.lastActiveAt - a.device.lastActiveAt);
  const one = active ?? latest;
  return one === undefined ? [] : [one];
}
