// SPDX-License-Identifier: GPL-3.0-or-later

import type { EstablishedEffect } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import type { World } from './ports.ts';
import { openLine } from './starting.ts';
import { deviceWordOf } from './device-lists.ts';
import { lastKeyOf, remember, sameKey, verificationOf } from './trust.ts';
import type { Turn } from './turn.ts';

/** The key exchange is authenticated: only now the device is who it says, and can be judged. */
export function applyEstablished(
  world: World,
  turn: Turn,
  full: FullJid,
  effect: EstablishedEffect,
): void {
  const { theirTag, theirFingerprint } = effect;
  const { invitation, attempt, peer, id } = turn.chat;
  const verified = verificationOf(world, peer, theirFingerprint) !== undefined;
  const changed = !verified && isOtherKey(world, turn, effect);
  turn.setDevice(full, {
    online: true,
    offlineAt: undefined,
    lastActiveAt: turn.now,
    interrupted: false,
    stale: false,
  });
  turn.set({
    active: full,
    attempt: attempt?.full === full ? undefined : attempt,
    failure: undefined,
    ended: undefined,
    unlocked: false,
    invitation: invitation?.full === full ? undefined : invitation,
    epoch: turn.chat.epoch + 1,
  });
  openLine(turn);
  turn.write((tx) => {
    world.store.contacts.markUsedOtr(tx, id);
  });
  if (changed) {
    // Not written down as this device's key before the user has looked (S10).
    turn.set({ changedKey: { full, tag: theirTag, fingerprint: theirFingerprint } });
    turn.setDevice(full, { verifiedUs: false });
    turn.tell({ name: 'key-changed', device: deviceWordOf(world, peer, theirTag) });
    return;
  }
  if (turn.chat.changedKey?.full === full) turn.set({ changedKey: undefined });
  remember(world, turn, { tag: theirTag, fingerprint: theirFingerprint });
  turn.tell(
    effect.replaced
      ? { name: 'refreshed', verified }
      : { name: 'started', verified, device: deviceWordOf(world, peer, theirTag) },
  );
}

/** S10: the same device shows another key than the one we remember, or than it had a moment ago. */
function isOtherKey(world: World, turn: Turn, effect: EstablishedEffect): boolean {
  const known = lastKeyOf(world, turn.chat.peer, effect.theirTag);
  if (known !== undefined) return !sameKey(known.fingerprint, effect.theirFingerprint);
  return effect.keyChanged;
}
