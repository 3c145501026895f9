// SPDX-License-Identifier: GPL-3.0-or-later

import type { EncryptedView, EstablishedEffect } from '#otr';
import { type FullJid, resourceOf } from '#shared/model/jid.ts';
import type { ChangedKey } from './chat.ts';
import { deviceKey } from './choices.ts';
import { deviceWordOf, listOf } from './device-lists.ts';
import { dropSuperseded } from './moving.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import { openLine } from './starting.ts';
import { lastKeyOf, remember, sameKey, verificationOf } from './trust.ts';
import type { Turn } from './turn.ts';

export interface Established extends EstablishedEffect {
  /** The session that stood at this address before. */
  readonly before: EncryptedView | undefined;
}

/** The key exchange is authenticated: only now the device is who it says, and can be judged. */
export function applyEstablished(
  world: World,
  turn: Turn,
  full: FullJid,
  effect: Established,
): void {
  const { theirTag: tag, theirFingerprint: fingerprint } = effect;
  const { peer } = turn.chat;
  const verified = verificationOf(world, peer, fingerprint) !== undefined;
  const why = verified ? undefined : whyStop(world, turn, full, effect);
  const isBeside = liveOf(world, turn.chat).some(({ device }) => device.full !== full);
  dropSuperseded(world, turn, full);
  settle(world, turn, full);
  if (why !== undefined) {
    stop(world, turn, { full, tag, fingerprint, why });
    return;
  }
  if (turn.chat.changedKey?.full === full) turn.set({ changedKey: undefined });
  remember(world, turn, { tag, fingerprint });
  turn.write((tx) => {
    world.store.choices.saveResource(tx, deviceKey(world, peer, tag), resourceOf(full));
  });
  if (isSame(effect)) {
    turn.tell({ name: 'refreshed', verified });
    return;
  }
  const name = isBeside ? 'joined' : 'started';
  turn.tell({ name, verified, device: deviceWordOf(world, peer, tag) });
}

/** The device that had this address has new keys; not another one that has the address now. */
const isSame = ({ replaced, before, theirTag }: Established): boolean =>
  replaced && before?.theirTag === theirTag;

function settle(world: World, turn: Turn, full: FullJid): void {
  const { invitation, attempt, id } = turn.chat;
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
}

/** Not written down as this device's key before the user has looked (S10). */
function stop(world: World, turn: Turn, changedKey: ChangedKey): void {
  const { full, tag, why } = changedKey;
  const { peer } = turn.chat;
  turn.set({ changedKey });
  turn.setDevice(full, { verifiedUs: false });
  turn.write((tx) => {
    // What the user said of the device was said of its key.
    world.store.choices.save(tx, deviceKey(world, peer, tag), { use: undefined });
  });
  const device = deviceWordOf(world, peer, tag);
  turn.tell(why === 'other-key' ? { name: 'key-changed', device } : { name: 'only-new', device });
}

/**
 * S10: the same device shows another key than the one we remember, or than it had a moment ago; or
 * nothing of what was verified is left, and this one was never seen.
 */
function whyStop(
  world: World,
  turn: Turn,
  full: FullJid,
  effect: Established,
): ChangedKey['why'] | undefined {
  const { theirTag, theirFingerprint, keyChanged, before } = effect;
  const known = lastKeyOf(world, turn.chat.peer, theirTag);
  if (known !== undefined) {
    return sameKey(known.fingerprint, theirFingerprint) ? undefined : 'other-key';
  }
  if (keyChanged && before?.theirTag === theirTag) return 'other-key';
  return isAllThatIsLeft(world, turn, full) ? 'only-new' : undefined;
}

/** Their list names devices, and none of those that were verified; nor does one of those talk with us. */
function isAllThatIsLeft(world: World, { chat }: Turn, full: FullJid): boolean {
  const verified = world.store.trust.ofPeer(world.account, chat.peer).filter((row) => row.verified);
  const listed = listOf(world, chat.peer).filter((row) => row.listed);
  if (verified.length === 0 || listed.length === 0) return false;
  const isListed = verified.some((row) => listed.some(({ tag }) => tag === row.instanceTag));
  const isHere = liveOf(world, chat).some((one) => one.verified && one.device.full !== full);
  return !isListed && !isHere;
}
