// SPDX-License-Identifier: GPL-3.0-or-later

import type { FullJid } from '#shared/model/jid.ts';
import { HERE } from './chat.ts';
import { deviceNameOf } from './device-lists.ts';
import type { World } from './ports.ts';
import { fromDevice } from './recipients.ts';
import { viewOf } from './sessions.ts';
import { entryOf } from './timeline.ts';
import { verificationOf } from './trust.ts';
import { type Arrival, isHere, type Turn } from './turn.ts';

interface ReceivedText {
  readonly text: string;
  /** Of the device that wrote it. */
  readonly tag: number;
  readonly arrival: Arrival | undefined;
}

/** Decrypted text. It goes to memory, and only now the sender may hear that it was readable. */
export function applyReceivedText(
  world: World,
  turn: Turn,
  full: FullJid,
  { text, tag, arrival }: ReceivedText,
): void {
  const { peer } = turn.chat;
  const view = viewOf(turn.device(full));
  const verified =
    view !== undefined && verificationOf(world, peer, view.theirFingerprint) !== undefined;
  turn.put(
    entryOf({
      kind: 'message',
      id: turn.newItemId(),
      conversationId: turn.chat.id,
      at: turn.now,
      direction: 'in',
      text,
      protection: verified ? 'verified' : 'unverified',
      delivery: 'delivered',
      devices: fromDevice(deviceNameOf(world, peer, tag)),
      plainInside: false,
      ended: false,
      writtenAt: arrival?.delayedAt,
      vanishesAt: undefined,
    }),
  );
  turn.setDevice(full, {
    ...(isHere(arrival) ? HERE : {}),
    lastActiveAt: turn.now,
    interrupted: false,
    stale: false,
  });
  turn.set({ active: full, unread: turn.chat.unread + 1 });
  turn.news = 'off-the-record';
  acknowledge(world, turn, full, arrival);
}

/** Never asked for in the stanza (xep S-23): that it could be read is for this side alone to say. */
function acknowledge(world: World, turn: Turn, full: FullJid, arrival: Arrival | undefined): void {
  const { sendReceipts, receiptsOffTheRecord } = world.settings();
  if (arrival?.id === undefined || !sendReceipts || !receiptsOffTheRecord) return;
  turn.transmissions.push({ tag: 'receipt', to: full, forId: arrival.id });
}
