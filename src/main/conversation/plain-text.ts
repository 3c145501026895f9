// SPDX-License-Identifier: GPL-3.0-or-later

import type { WireMessage } from '#main/xmpp/wire.ts';
import type { MessageId } from '#main/store/rows.ts';
import type { World } from './ports.ts';
import { noteAlive } from './presence.ts';
import { liveOf } from './sessions.ts';
import { toStoredItem } from './stored-item.ts';
import type { Turn } from './turn.ts';
import { stopTyping } from './typing.ts';

const directionOf = ({ carbon }: WireMessage): 'in' | 'out' => (carbon === 'sent' ? 'out' : 'in');

/** The message is in the history already: it came before, by another way. */
export function findStored(
  world: World,
  turn: Turn,
  message: WireMessage,
  text: string,
): MessageId | undefined {
  // Only what may come twice is looked for by the sender's name: anybody may use a name again.
  const mayComeTwice = message.carbon !== 'none' || message.delayedAt !== undefined;
  return world.store.messages.findCopy({
    conversationId: turn.chat.id,
    direction: directionOf(message),
    text,
    stanzaId: mayComeTwice ? message.id : undefined,
    archiveId: message.stanzaId,
  });
}

/** What the archive calls it is worth knowing. */
export function noteCopy(
  world: World,
  turn: Turn,
  { stanzaId }: WireMessage,
  stored: MessageId,
): void {
  if (stanzaId === undefined) return;
  turn.write((tx) => {
    world.store.messages.saveArchiveId(tx, stored, stanzaId);
  });
}

/** Text in clear goes to the history; inside an off-the-record chat it is marked (ux 2.5.7). */
export function addText(world: World, turn: Turn, message: WireMessage, text: string): void {
  const mine = message.carbon === 'sent';
  const plainInside =
    !mine && (liveOf(world, turn.chat).length > 0 || turn.chat.ended !== undefined);
  const row = {
    conversationId: turn.chat.id,
    direction: directionOf(message),
    text,
    at: message.delayedAt ?? turn.now,
    delivery: mine ? 'sent' : 'delivered',
    stanzaId: message.id,
    plainInside,
  } as const;
  const wasRead = mine && isNewest(world, turn, row.at);
  turn.write((tx) => {
    const id = world.store.messages.add(tx, { ...row, archiveId: message.stanzaId });
    turn.shown.push(toStoredItem({ ...row, id, protection: 'plain' }));
    if (wasRead) world.store.messages.markRead(tx, turn.chat.id);
  });
}

/** Who answered on another device has read there what came before. */
function isNewest(world: World, turn: Turn, at: number): boolean {
  const { last } = world.store.messages.summary(turn.chat.id);
  return last === undefined || last.at <= at;
}

/** Text in clear, as it comes: stored once, told of, and acknowledged where that was asked for. */
export function receiveText(world: World, turn: Turn, message: WireMessage, text: string): void {
  const stored = findStored(world, turn, message, text);
  if (stored !== undefined) noteCopy(world, turn, message, stored);
  else addText(world, turn, message, text);
  const { full } = message.from;
  const isLate = message.delayedAt !== undefined || message.carbon !== 'none';
  if (full !== undefined && !isLate) {
    noteAlive(turn, full);
    stopTyping(turn, full);
  }
  if (message.carbon !== 'sent' && stored === undefined) turn.news = 'plain';
  acknowledge(world, turn, message);
}

function acknowledge(world: World, turn: Turn, message: WireMessage): void {
  const { full } = message.from;
  if (message.carbon !== 'none' || full === undefined || message.id === undefined) return;
  if (!message.receiptRequested || !world.settings().sendReceipts) return;
  turn.transmissions.push({ tag: 'receipt', to: full, forId: message.id });
}
