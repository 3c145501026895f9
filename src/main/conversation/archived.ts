// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import type { MessageId, StoredDelivery } from '#main/store/rows.ts';
import type { WireMessage } from '#main/xmpp/wire.ts';
import { applyKept, readBody } from './inbox.ts';
import { addText, findStored, noteCopy } from './plain-text.ts';
import type { World } from './ports.ts';
import { rulesOf } from './rules.ts';
import { toStoredItem } from './stored-item.ts';
import type { Turn } from './turn.ts';

const SECOND_MS = 1000;

/**
 * Messages of one contact out of the archive, the oldest first. Text in clear fills the history; of the
 * protocol only what began while one side was away is taken, which goes to all devices by this way
 * (xep X-42, S-15, C-14). With somebody who is always talked to off the record, clear
 * text is not taken from a place where anyone could have put it.
 *
 * @param isFirst this computer has seen nothing of the account before: none of it is news
 */
export function applyArchived(
  world: World,
  turn: Turn,
  messages: readonly WireMessage[],
  isFirst: boolean,
): void {
  for (const message of messages) applyKept(world, turn, message, readBody(message.body));
  const { otr } = rulesOf(world, world.store.contacts.get(turn.chat.id));
  if (otr === 'always' || !permitsClear(world.mode())) return;
  const taken = new Set<string>();
  const dated = inOrder(messages, world.store.messages.summary(turn.chat.id).last?.at);
  const fresh = dated.filter((message) => applyOne(world, turn, message, taken));
  if (isFirst) {
    turn.write((tx) => {
      world.store.messages.markRead(tx, turn.chat.id);
    });
  } else if (fresh.at(-1)?.carbon === 'received') turn.news = 'plain';
}

/**
 * Some archives date by whole seconds. What came later in a second must not stand before what is there
 * already, or before each other.
 */
function inOrder(messages: readonly WireMessage[], newestAt: number | undefined): WireMessage[] {
  let before = newestAt ?? -Infinity;
  return messages.map((message) => {
    const { delayedAt: at } = message;
    if (at === undefined) return message;
    const sameSecond = at % SECOND_MS === 0 && before > at && before - at < SECOND_MS;
    before = sameSecond ? before : at;
    return sameSecond ? { ...message, delayedAt: before } : message;
  });
}

/** Returns whether it is new here. `taken`: what this page has had already. */
function applyOne(world: World, turn: Turn, message: WireMessage, taken: Set<string>): boolean {
  const body = readBody(message.body);
  if (body.tag !== 'text') return false;
  const stored = findStored(world, turn, message, body.text);
  if (stored !== undefined) noteSeen(world, turn, message, stored);
  const isNew = stored === undefined && !isRepeated(taken, message, body.text);
  if (isNew) addText(world, turn, message, body.text);
  return isNew;
}

/** The same a second time in one page: by its place in the archive, or by name and words. */
function isRepeated(taken: Set<string>, message: WireMessage, text: string): boolean {
  const { id, carbon, stanzaId } = message;
  const keys = [
    [stanzaId],
    ...(id === undefined ? [] : [[carbon, id, carbon === 'sent' ? '' : text]]),
  ];
  const names = keys.map((key) => JSON.stringify(key));
  const repeated = names.some((name) => taken.has(name));
  for (const name of names) taken.add(name);
  return repeated;
}

/** Whether it may still turn out that the server has it. */
const isOpen = (delivery: StoredDelivery): boolean =>
  delivery === 'sending' || delivery === 'unconfirmed' || delivery === 'failed';

/** It is here already. If it is ours, the server has it after all. */
function noteSeen(world: World, turn: Turn, message: WireMessage, stored: MessageId): void {
  noteCopy(world, turn, message, stored);
  const { messages } = world.store;
  const before = messages.get(stored)?.delivery;
  if (message.carbon !== 'sent' || before === undefined || !isOpen(before)) return;
  turn.write((tx) => {
    messages.saveDelivery(tx, stored, 'sent');
    const row = messages.get(stored);
    if (row !== undefined) turn.shown.push(toStoredItem(row));
  });
}
