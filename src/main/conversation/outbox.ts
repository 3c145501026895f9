// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ComposerMode } from '#shared/model/conversation.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import { targetsOf } from './audience.ts';
import { encrypt, resendToSome } from './encrypting.ts';
import { deriveTurn, heldOf } from './facts.ts';
import { postPlain, resendPlain } from './plain-outbox.ts';
import type { World } from './ports.ts';
import { startForHeld } from './start-for-held.ts';
import { overall } from './recipients.ts';
import { rowOf } from './stored-item.ts';
import type { Turn } from './turn.ts';

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
    devices: [],
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
  turn.put({ item, readAt: undefined });
  startForHeld(world, turn);
  return item.id;
}

function postEncrypted(world: World, turn: Turn, text: string): ItemId {
  const item = draft(turn, text, 'sending');
  encrypt(world, turn, item);
  return item.id;
}

/** Takes one held text back. If it has left before, what is known of that stays. */
export function discardHeld(turn: Turn, id: ItemId): string {
  const item = turn.entry(id)?.item;
  if (item?.kind !== 'message' || item.delivery !== 'held') throw new AppFailure('input-invalid');
  if (item.devices.length === 0) turn.remove(id);
  else turn.edit(id, { delivery: overall(item.devices) });
  return item.text;
}

/** Sends again what did not arrive, or may not have. What was off the record leaves encrypted or not at all. */
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
  const item = turn.entry(id)?.item;
  if (item?.kind !== 'message') throw new AppFailure('input-invalid');
  const { delivery } = item;
  if (delivery !== 'failed' && delivery !== 'unconfirmed') resendToSome(world, turn, item);
  else resendWhole(world, turn, item, { composer, encrypted });
}

function resendWhole(
  world: World,
  turn: Turn,
  item: MessageItem,
  { composer, encrypted }: { readonly composer: ComposerMode; readonly encrypted: boolean },
): void {
  if (composer === 'hold') turn.edit(item.id, { delivery: 'held', ended: false });
  else if (encrypted) encrypt(world, turn, { ...item, ended: false });
  else throw new AppFailure('session-needed');
}
