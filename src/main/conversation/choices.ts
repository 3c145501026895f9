// SPDX-License-Identifier: GPL-3.0-or-later

import { type BareJid, type FullJid, resourceOf } from '#shared/model/jid.ts';
import type { SendToView } from '#shared/model/conversation.ts';
import type { DeviceChoice, DeviceKey, SendToRow } from '#main/store/rows.ts';
import type { DeviceBook } from './device-lists.ts';
import type { Chat } from './chat.ts';
import type { World } from './ports.ts';

export const deviceKey = (world: World, peer: BareJid, instanceTag: number): DeviceKey => ({
  accountId: world.account,
  peer,
  instanceTag,
});

/** What the user decided about the contact's devices, by instance tag. */
export const choicesOf = (world: World, peer: BareJid): ReadonlyMap<number, DeviceChoice> =>
  world.store.choices.ofPeer(world.account, peer);

/** Nothing is taken from such a device, and nothing is sent to it (ux 2.5.8). */
export const isBlocked = (world: World, peer: BareJid, tag: number): boolean =>
  choicesOf(world, peer).get(tag)?.blocked === true;

/** The device that was last met at this address. A hint only: a key exchange shows who it is. */
export function tagLastMetAt(world: World, full: FullJid, peer: BareJid): number | undefined {
  const resource = resourceOf(full);
  for (const [tag, choice] of choicesOf(world, peer)) {
    if (choice.resource === resource) return tag;
  }
  return undefined;
}

/** Which devices get messages, by the user's choice for this contact. */
export const sendToOf = (world: World, { id }: Pick<Chat, 'id'>): SendToRow =>
  world.store.contacts.get(id)?.sendTo ?? { rule: 'verified' };

export function toSendToView(world: World, chat: Chat, book: DeviceBook): SendToView {
  const sendTo = sendToOf(world, chat);
  if (sendTo.rule !== 'chosen') return sendTo;
  return { rule: sendTo.rule, device: book.nameOf(sendTo.tag) };
}

/** As the wire and the window write it. */
export const parseTag = (instanceTag: string): number => Number.parseInt(instanceTag, 16);
