// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import type { WireMessage } from '#main/xmpp/wire.ts';
import { readBody } from './inbox.ts';
import type { World } from './ports.ts';

/** Texts kept of one stranger, and strangers kept. */
const MAX_TEXTS = 20;
const MAX_STRANGERS = 100;
/** Longest text kept of a stranger, in characters; of more the beginning is. */
const MAX_TEXT = 4096;

/**
 * Somebody who is not a contact wrote. Readable text waits with their request; anything of the
 * protocol is dropped unseen, and nothing at all is answered (ux A1).
 *
 * @returns whether the list of requests changed
 */
export function keepForLater(world: World, message: WireMessage): boolean {
  const { store, account } = world;
  const body = readBody(message.body);
  if (body.tag !== 'text' || message.carbon !== 'none' || !permitsClear(world.mode())) return false;
  const known = store.contacts.byJid(account, message.from.bare);
  if (known?.blocked === true) return false;
  if (known === undefined && store.contacts.countStrangers(account) >= MAX_STRANGERS) return false;
  if (known !== undefined && store.messages.summary(known.id).unread >= MAX_TEXTS) return false;
  store.transaction((tx) => {
    store.messages.add(tx, {
      conversationId: store.contacts.ensure(tx, account, message.from.bare),
      direction: 'in',
      text: shorten(body.text),
      at: message.delayedAt ?? world.clock.now(),
      delivery: 'delivered',
      stanzaId: message.id,
      plainInside: false,
    });
  });
  return true;
}

const shorten = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).toWellFormed()}…`;
