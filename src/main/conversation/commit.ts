// SPDX-License-Identifier: GPL-3.0-or-later

import type { TimelineItem } from '#shared/model/timeline.ts';
import type { Shared, Thread } from './thread.ts';
import { setDelivery } from './recipients.ts';
import { toStoredItem } from './stored-item.ts';
import type { Transmission, Turn } from './turn.ts';

/**
 * The only place where a turn has effects: commit, transmit, publish, wipe, in this order. Until
 * the transaction is durable nothing has happened, and old keys are still there. The views follow from
 * what is committed; `Threads` tells them.
 */
export function commit(shared: Shared, thread: Thread, turn: Turn): void {
  const { world, sealing } = shared;
  sealing.write(turn, thread.chat);
  if (turn.writes.length > 0) {
    world.store.transaction((tx) => {
      for (const write of turn.writes) write(tx);
    });
  }
  thread.chat = turn.chat;
  transmit(shared, turn);
  thread.timeline.apply(turn.changed, turn.removed);
  publish(shared, turn);
  thread.untold = true;
  thread.news = turn.news ?? thread.news;
  for (const secret of turn.retired) secret.wipe();
  for (const follow of turn.follow) follow();
}

function transmit(shared: Shared, turn: Turn): void {
  for (const transmission of turn.transmissions) transmitOne(shared, turn, transmission);
}

function transmitOne(shared: Shared, turn: Turn, transmission: Transmission): void {
  const { wire } = shared.world;
  switch (transmission.tag) {
    case 'receipt':
      wire.sendReceipt(transmission.to, transmission.forId);
      return;
    case 'chat-state':
      wire.sendChatState(transmission.to, transmission.state);
      return;
    case 'otr':
      transmitOtr(shared, turn, transmission);
      return;
    case 'chat':
      transmitChat(shared, turn, transmission);
  }
}

function transmitOtr(
  { world, deliveries, acknowledges }: Shared,
  turn: Turn,
  { message, carries }: Extract<Transmission, { readonly tag: 'otr' }>,
): void {
  const outcome = world.wire.sendOtr(message);
  if (carries === undefined) return;
  const { item, device } = carries;
  if (outcome !== 'sent') {
    // Its key is spent: it can only be encrypted anew, when the user asks for it.
    setDelivery(turn, item, device, () => 'failed');
    return;
  }
  deliveries.add(message.id, { conversation: turn.chat.id, what: { tag: 'memory', ...carries } });
  if (acknowledges) return;
  setDelivery(turn, item, device, (now) => (now === 'sending' ? 'sent' : undefined));
}

function transmitChat(
  { world, deliveries, acknowledges }: Shared,
  turn: Turn,
  { message, row }: Extract<Transmission, { readonly tag: 'chat' }>,
): void {
  const outcome = world.wire.sendChat(message);
  // Offline: the row keeps waiting for the next session.
  if (outcome === 'offline') {
    deliveries.keep(message.id);
    return;
  }
  deliveries.add(message.id, { conversation: turn.chat.id, what: { tag: 'stored', row } });
  if (outcome === 'sent' && acknowledges) return;
  const delivery = outcome === 'sent' ? 'sent' : 'failed';
  world.store.transaction((tx) => {
    world.store.messages.saveDelivery(tx, row, delivery);
  });
  const stored = world.store.messages.get(row);
  if (stored !== undefined) turn.shown.push(toStoredItem(stored));
}

function publish({ world }: Shared, turn: Turn): void {
  const items: readonly TimelineItem[] = [
    ...turn.shown,
    ...[...turn.changed.values()].map(({ item }) => item),
  ];
  for (const item of items) world.publish('conversation.item-changed', item);
  if (turn.removed.size > 0) {
    world.publish('conversation.items-removed', { id: turn.chat.id, items: [...turn.removed] });
  }
}
