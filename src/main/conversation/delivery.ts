// SPDX-License-Identifier: GPL-3.0-or-later

import type { MessageItem } from '#shared/model/timeline.ts';
import type { MessageId } from '#main/store/rows.ts';
import type { UnderWay } from './deliveries.ts';
import type { World } from './ports.ts';
import { setDelivery } from './recipients.ts';
import { toStoredItem } from './stored-item.ts';
import type { Turn } from './turn.ts';

/** What the network told about a stanza of ours. `not-sent`: its session ended without a word about it. */
export type Fate = 'acknowledged' | 'not-sent' | 'bounced' | 'received';

/** What each fate makes of a message, by what it was before; others stay as they are. */
const IN_MEMORY: Readonly<
  Record<Fate, Partial<Record<MessageItem['delivery'], MessageItem['delivery']>>>
> = {
  acknowledged: { sending: 'sent' },
  // The server may have it all the same. The ciphertext is never sent twice.
  'not-sent': { sending: 'unconfirmed' },
  bounced: { sending: 'failed', sent: 'failed', unconfirmed: 'failed' },
  received: {
    sending: 'delivered',
    sent: 'delivered',
    unconfirmed: 'delivered',
    failed: 'delivered',
  },
};

export function applyFate(world: World, turn: Turn, { what }: UnderWay, fate: Fate): void {
  if (what.tag === 'stored') {
    applyToStored(world, turn, what.row, fate);
    return;
  }
  setDelivery(turn, what.item, what.device, (now) => IN_MEMORY[fate][now]);
}

function applyToStored(world: World, turn: Turn, row: MessageId, fate: Fate): void {
  const { messages } = world.store;
  const before = messages.get(row)?.delivery;
  // Whoever has not heard of it yet hears of it again with the next session.
  if (before === undefined || fate === 'not-sent') return;
  const delivery = IN_MEMORY[fate][before];
  if (delivery === undefined || delivery === 'held') return;
  turn.write((tx) => {
    messages.saveDelivery(tx, row, delivery);
    const stored = messages.get(row);
    if (stored !== undefined) turn.shown.push(toStoredItem(stored));
  });
}

/** A receipt for something sent before this start: found by the id it was stored with. */
export function confirmStored(world: World, turn: Turn, stanzaId: string): void {
  const { messages } = world.store;
  turn.write((tx) => {
    const row = messages.confirmDelivery(tx, turn.chat.id, stanzaId);
    const stored = row === undefined ? undefined : messages.get(row);
    if (stored !== undefined) turn.shown.push(toStoredItem(stored));
  });
}
