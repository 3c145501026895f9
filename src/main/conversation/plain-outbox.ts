// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import { newStanzaId } from '#shared/std/random-hex.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { MessageRow } from '#main/store/rows.ts';
import { deriveTurn } from './facts.ts';
import type { Posted } from './outbox.ts';
import type { World } from './ports.ts';
import { toStoredItem, toStoredItemId } from './stored-item.ts';
import type { Turn } from './turn.ts';
import { forgetTold } from './typing.ts';
import { escapePlain } from './untrusted-text.ts';

export function postPlain(world: World, turn: Turn, text: string): Posted {
  const posted: Posted = { id: undefined };
  forgetTold(turn);
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
      chatState: world.settings().sendTyping ? 'active' : undefined,
    },
  });
  turn.shown.push(toStoredItem(message));
}

export function resendPlain(world: World, turn: Turn, row: MessageRow['id']): void {
  const stored = world.store.messages.get(row);
  const isWanted = stored?.delivery === 'failed' || stored?.delivery === 'unconfirmed';
  if (!isWanted || stored.conversationId !== turn.chat.id) throw new AppFailure('input-invalid');
  turn.write((tx) => {
    world.store.messages.saveDelivery(tx, row, 'sending');
    sendPlain(world, turn, { ...stored, delivery: 'sending' });
  });
}

/**
 * After a new session: plain messages the server may never have seen go out once more under their
 * old ids. If the chat is no longer a plain one, they do not.
 *
 * @param mayHaveLeft whether a stanza may have been handed to the server before
 */
export function resumePlain(
  world: World,
  turn: Turn,
  waiting: readonly MessageRow[],
  mayHaveLeft: (stanzaId: string) => boolean,
): void {
  const { state, composer } = deriveTurn(world, turn);
  const plain = (state === 'plain' || state === 'plain-available') && composer === 'send';
  for (const stored of waiting) {
    if (plain) {
      sendPlain(world, turn, stored);
      continue;
    }
    const delivery = mayHaveLeft(stored.stanzaId ?? '') ? 'unconfirmed' : 'failed';
    turn.write((tx) => {
      world.store.messages.saveDelivery(tx, stored.id, delivery);
      turn.shown.push(toStoredItem({ ...stored, delivery }));
    });
  }
}
