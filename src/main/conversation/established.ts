// SPDX-License-Identifier: GPL-3.0-or-later

import type { EncryptedView, EstablishedEffect } from '#otr';
import { type FullJid, resourceOf } from '#shared/model/jid.ts';
import type { TimelineEvent } from '#shared/model/timeline.ts';
import { beganOffline, isAwayPlace } from './away.ts';
import { type ChangedKey, HERE } from './chat.ts';
import { deviceKey } from './choices.ts';
import { deviceWordOf, listOf } from './device-lists.ts';
import { dropSuperseded } from './moving.ts';
import type { World } from './ports.ts';
import { liveOf } from './sessions.ts';
import { openLine } from './starting.ts';
import { lastKeyOf, remember, sameKey, verificationOf } from './trust.ts';
import { type Arrival, isHere, type Turn } from './turn.ts';

export interface Established extends EstablishedEffect {
  /** The session that stood at this address before. */
  readonly before: EncryptedView | undefined;
  /** Of the message that completed it; none where we did. */
  readonly arrival: Arrival | undefined;
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
  const others = liveOf(world, turn.chat).filter(({ device }) => device.full !== full);
  const earlier = effect.before ?? others.find(({ view }) => view.theirTag === tag)?.view;
  const isBeside = others.some(({ view }) => view.theirTag !== tag);
  dropSuperseded(world, turn, full);
  settle(world, turn, full, effect);
  if (why !== undefined) {
    stop(world, turn, { full, tag, fingerprint, why });
    return;
  }
  if (turn.chat.changedKey?.full === full) turn.set({ changedKey: undefined });
  remember(world, turn, { tag, fingerprint });
  if (!isAwayPlace(full)) {
    turn.write((tx) => {
      world.store.choices.saveResource(tx, deviceKey(world, peer, tag), resourceOf(full));
    });
  }
  const device = deviceWordOf(world, peer, tag);
  turn.tell(lineOf(effect, { verified, device, earlier, isBeside }));
  if (effect.role === 'retriever') noteOnce(world, turn);
}

interface Told {
  readonly verified: boolean;
  readonly device: string;
  /** What stood with this device until now, wherever. */
  readonly earlier: EncryptedView | undefined;
  readonly isBeside: boolean;
}

function lineOf(effect: Established, { verified, device, earlier, isBeside }: Told): TimelineEvent {
  if (effect.role === 'retriever') return { name: 'started-away', verified, device };
  if (effect.role === 'publisher') {
    if (!isHere(effect.arrival)) return { name: 'began-away', verified, device };
  } else if (earlier !== undefined && beganOffline(earlier)) {
    return { name: 'continued-live', verified };
  }
  if (isSame(effect)) return { name: 'refreshed', verified };
  return { name: isBeside ? 'joined' : 'started', verified, device };
}

/** Who begins alone leaves proof of who wrote: said once, the first time ever (ux 2.5.10). */
function noteOnce({ store, account }: World, turn: Turn): void {
  if (store.sealedSessions.isTold(account)) return;
  turn.tell({ name: 'away-note' });
  turn.write((tx) => {
    store.sealedSessions.saveTold(tx, account);
  });
}

/** The device that had this address has new keys; not another one that has the address now. */
const isSame = ({ replaced, before, theirTag }: Established): boolean =>
  replaced && before?.theirTag === theirTag;

function settle(world: World, turn: Turn, full: FullJid, { role, arrival }: Established): void {
  const { invitation, attempt, id, active } = turn.chat;
  // Where we began alone nothing has come from it.
  const isHeard = role !== 'retriever';
  turn.setDevice(full, {
    ...(isHeard && isHere(arrival) ? HERE : {}),
    ...(isHeard ? { lastActiveAt: turn.now } : {}),
    interrupted: false,
    stale: false,
  });
  turn.set({
    active: isHeard ? full : active,
    away: undefined,
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
