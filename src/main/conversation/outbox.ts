// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import type { MessageRow } from '#main/store/rows.ts';
import { advance } from './effects.ts';
import { deriveTurn, heldOf } from './facts.ts';
import type { World } from './ports.ts';
import { targetsOf } from './sessions.ts';
import { startForHeld } from './start-for-held.ts';
import { newStanzaId } from './stanza-id.ts';
import { rowOf, toStoredItem, toStoredItemId } from './stored-item.ts';
import type { Turn } from './turn.ts';
import { escapePlain } from './untrusted-text.ts';

/** Octets of UTF-8 that fit into one message, in clear or encrypted (security §8). */
const MAX_TEXT_OCTETS = 65_536;
const MAX_HELD = 100;
// What XML cannot carry: such characters would cost us the whole stream.
const UNSPEAKABLE = /(?![\t\n\r])[\p{Cc}\uFFFE\uFFFF]/gu;

/** Known after the turn is committed: a stored message is named by its row. */
export interface Posted {
  id: ItemId | undefined;
}

function checkText(text: string): string {
  const speakable = text.toWellFormed().replace(UNSPEAKABLE, '');
  if (speakable.trim() === '') throw new AppFailure('message-empty');
  if (new TextEncoder().encode(speakable).length > MAX_TEXT_OCTETS) {
    throw new AppFailure('message-too-long', { params: { max: MAX_TEXT_OCTETS } });
  }
  return speakable;
}

/**
 * What the user typed, under the state that was on the screen. When the state has moved on nothing
 * is sent and nothing is kept: the text is still in the composer (I-1).
 */
export function post(world: World, turn: Turn, text: string, stateToken: string): Posted {
  const checked = checkText(text);
  const { composer, token } = deriveTurn(world, turn);
  if (token !== stateToken) throw new AppFailure('state-changed');
  switch (composer) {
    case 'locked':
      throw new AppFailure('conversation-locked');
    case 'hold':
      return { id: hold(world, turn, checked) };
    case 'send':
      if (targetsOf(world, turn.chat).length === 0) return postPlain(world, turn, checked);
      return { id: postEncrypted(world, turn, checked) };
  }
}

function draft(turn: Turn, text: string, delivery: MessageItem['delivery']): MessageItem {
  return {
    kind: 'message',
    id: turn.newItemId(),
    conversationId: turn.chat.id,
    at: turn.now,
    direction: 'out',
    text,
    protection: 'unverified',
    delivery,
    plainInside: false,
    ended: false,
    vanishesAt: undefined,
  };
}

/** Typed while it cannot be encrypted: it stays here, in memory, until it can. */
function hold(world: World, turn: Turn, text: string): ItemId {
  const { length: waiting } = heldOf(turn.entries());
  if (waiting >= MAX_HELD) throw new AppFailure('queue-full');
  // An attempt that came to nothing concerns the texts that waited for it, not those after them.
  if (waiting === 0) turn.set({ failure: undefined });
  const item = draft(turn, text, 'held');
  turn.put({ item, to: [], readAt: undefined });
  startForHeld(world, turn);
  return item.id;
}

function postEncrypted(world: World, turn: Turn, text: string): ItemId {
  const item = draft(turn, text, 'sending');
  encrypt(world, turn, item);
  return item.id;
}

/** Encrypts one text for each device it is meant for. */
function encrypt(world: World, turn: Turn, item: MessageItem): void {
  const targets = targetsOf(world, turn.chat);
  const protection = targets.every(({ verified }) => verified) ? 'verified' : 'unverified';
  const to = targets.map(({ device }) => device.full);
  turn.put({ item: { ...item, protection, delivery: 'sending' }, to, readAt: undefined });
  for (const full of to)
    advance({ world, turn }, full, { tag: 'send', ref: item.id, text: item.text });
}

/** Everything that was held leaves in the order it was typed, encrypted. */
export function flushHeld(world: World, turn: Turn): void {
  for (const { item } of heldOf(turn.entries())) {
    if (item.kind === 'message') encrypt(world, turn, item);
  }
}

/** Takes one held text back; it never left. */
export function discardHeld(turn: Turn, id: ItemId): string {
  const item = turn.entry(id)?.item;
  if (item?.kind !== 'message' || item.delivery !== 'held') throw new AppFailure('input-invalid');
  turn.remove(id);
  return item.text;
}

function postPlain(world: World, turn: Turn, text: string): Posted {
  const posted: Posted = { id: undefined };
  const stanzaId = newStanzaId(world);
  turn.write((tx) => {
    const message = {
      conversationId: turn.chat.id,
      direction: 'out',
      text,
      at: turn.now,
      delivery: 'sending',
      stanzaId,
      plainInside: false,
    } as const;
    const row = world.store.messages.add(tx, message);
    posted.id = toStoredItemId(row);
    sendPlain(world, turn, { ...message, id: row, protection: 'plain' });
  });
  return posted;
}

/** The last door before the wire: an account that does not speak in clear has nothing to say here. */
function sendPlain(world: World, turn: Turn, message: MessageRow): void {
  if (!permitsClear(world.mode())) throw new AppFailure('conversation-locked');
  turn.transmissions.push({
    tag: 'chat',
    row: message.id,
    message: {
      to: turn.chat.peer,
      body: escapePlain(message.text),
      id: message.stanzaId ?? '',
      requestReceipt: true,
    },
  });
  turn.shown.push(toStoredItem(message));
}

/** Sends again what did not arrive. What was off the record leaves encrypted or not at all. */
export function resend(world: World, turn: Turn, id: ItemId): void {
  const { composer } = deriveTurn(world, turn);
  if (composer === 'locked') throw new AppFailure('conversation-locked');
  const encrypted = targetsOf(world, turn.chat).length > 0;
  const row = rowOf(id);
  if (row !== undefined) {
    if (encrypted || composer !== 'send') throw new AppFailure('state-changed');
    resendPlain(world, turn, row);
    return;
  }
  const entry = turn.entry(id);
  if (entry?.item.kind !== 'message' || entry.item.delivery !== 'failed') {
    throw new AppFailure('input-invalid');
  }
  if (composer === 'hold') turn.edit(id, { delivery: 'held', ended: false });
  else if (encrypted) encrypt(world, turn, { ...entry.item, ended: false });
  else throw new AppFailure('session-needed');
}

function resendPlain(world: World, turn: Turn, row: MessageRow['id']): void {
  const stored = world.store.messages.get(row);
  if (stored?.delivery !== 'failed' || stored.conversationId !== turn.chat.id) {
    throw new AppFailure('input-invalid');
  }
  turn.write((tx) => {
    world.store.messages.saveDelivery(tx, row, 'sending');
    sendPlain(world, turn, { ...stored, delivery: 'sending' });
  });
}

/**
 * After a new session: plain messages the server may never have seen go out once more under their
 * old ids. If the chat is no longer a plain one, they do not.
 */
export function resumePlain(world: World, turn: Turn, waiting: readonly MessageRow[]): void {
  const { state, composer } = deriveTurn(world, turn);
  const plain = (state === 'plain' || state === 'plain-available') && composer === 'send';
  for (const stored of waiting) {
    if (plain) {
      sendPlain(world, turn, stored);
      continue;
    }
    turn.write((tx) => {
      world.store.messages.saveDelivery(tx, stored.id, 'failed');
      turn.shown.push(toStoredItem({ ...stored, delivery: 'failed' }));
    });
  }
}
