// SPDX-License-Identifier: GPL-3.0-or-later

import {
  classify,
  type OfflineEffect,
  prekeySecrets,
  type SessionEffect,
  type SessionInput,
} from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import type { World } from './ports.ts';
import type { Arrival, Turn } from './turn.ts';

type Wanted = Extract<OfflineEffect, { readonly tag: 'prekey-wanted' }>;

/** A message that began while one side was away. */
export const isOfflineStart = (body: string): boolean => {
  const kind = classify(body);
  return kind.kind === 'message' && kind.message === 'non-interactive-auth';
};

/** It names a prekey of ours. One that is unknown or was used leads nowhere: nobody hears of it. */
export function bringPrekey(
  world: World,
  turn: Turn,
  full: FullJid,
  { prekeyId, body, accepted, arrival }: Wanted & { readonly arrival: Arrival | undefined },
): void {
  const prekey = world.offlineKeys()?.find(prekeyId);
  if (prekey === undefined) return;
  turn.stepLater(full, { tag: 'receive', body, accepted, prekey }, arrival);
}

/** The session stands: the prekey is gone in the very transaction that keeps it. */
export function spendPrekey(world: World, turn: Turn, prekeyId: number): void {
  const keys = world.offlineKeys();
  if (keys === undefined) return;
  turn.write((tx) => {
    keys.forget(tx, prekeyId);
  });
  turn.follow.push(() => {
    keys.used();
  });
}

/** The pair was opened for this step alone; where it came to nothing it is ours to wipe. */
export function retireUnused(
  turn: Turn,
  input: SessionInput,
  effects: readonly SessionEffect[],
): void {
  if (input.tag !== 'receive' || input.prekey === undefined) return;
  if (effects.some(({ tag }) => tag === 'prekey-used')) return;
  turn.retired.push(...prekeySecrets(input.prekey.pair));
}
