// SPDX-License-Identifier: GPL-3.0-or-later

import type { OfferedBy } from '#otr';
import { announcesOtr } from './device-lists.ts';
import type { World } from './ports.ts';
import type { Turn } from './turn.ts';

/**
 * The contact's app asks for OTR 3, which is not spoken here: said once, answered with nothing. Of
 * somebody who is known to speak version 4 it is more likely that the offer was changed on the way.
 */
export function noteOlderVersion(world: World, turn: Turn): void {
  const { id, peer, offered } = turn.chat;
  const speaksOurs =
    offered || world.store.contacts.get(id)?.usedOtr === true || announcesOtr(world, peer);
  if (speaksOurs) return;
  turn.tellOnce({ name: 'older-version' }, Infinity, world.clock.monotonicNow());
}

/** Of what a session notices only the beginning of a key exchange of version 3 is news. */
export function noteOffer(world: World, turn: Turn, by: OfferedBy): void {
  if (by === 'version-3-message') noteOlderVersion(world, turn);
}
