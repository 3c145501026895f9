// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, type EncryptedView, type SessionEffect } from '#otr';
import type { FullJid } from '#shared/model/jid.ts';
import { type Chat, type Device, emptyDevice, HERE } from './chat.ts';
import type { World } from './ports.ts';
import { stepDevice, viewOf } from './sessions.ts';
import { sameKey } from './trust.ts';
import type { Turn } from './turn.ts';

/** The session with this device is known under another address: where it was before. */
export function findElsewhere(chat: Chat, full: FullJid, tag: number): Device | undefined {
  if (viewOf(chat.devices.get(full))?.theirTag === tag) return undefined;
  return [...chat.devices.values()].find((device) => viewOf(device)?.theirTag === tag);
}

export interface Move {
  readonly from: FullJid;
  readonly to: FullJid;
  /** It says so now, and not from what a server has kept. */
  readonly isHere: boolean;
}

/**
 * The device has another resource now (xep X-42): its session, and all that goes on with it, moves
 * there. Only what its own keys have proven may do that.
 */
export function moveDevice(world: World, turn: Turn, { from, to, isHere }: Move): void {
  dropSession(world, turn, to);
  const { chat } = turn;
  const [old, place] = [turn.device(from), turn.device(to)];
  const devices = new Map(chat.devices);
  if (old.online) devices.set(from, { ...emptyDevice(from), online: true, show: old.show });
  else devices.delete(from);
  const { show, priority, online, offlineAt } = place;
  const presence = isHere ? HERE : { online, offlineAt };
  devices.set(to, { ...old, ...presence, full: to, show, priority });
  const { active, attempt, invitation, changedKey, verification } = chat;
  const moved = <T extends { readonly full: FullJid }>(one: T | undefined): T | undefined =>
    one?.full === from ? { ...one, full: to } : one;
  const { now } = verification;
  turn.set({
    devices,
    active: active === from ? to : active,
    attempt: moved(attempt),
    invitation: moved(invitation),
    changedKey: moved(changedKey),
    verification: now.tag === 'idle' ? verification : { ...verification, now: moved(now) ?? now },
  });
}

/**
 * The same device has a new session at another address. The old one would only double what is said
 * to it; nobody is there any more to be told that it is over.
 */
export function dropSuperseded(world: World, turn: Turn, full: FullJid): void {
  const view = viewOf(turn.device(full));
  const old = view === undefined ? [] : findOthers(turn.chat, full, view);
  for (const device of old) {
    dropSession(world, turn, device.full);
    if (device.online) continue;
    const devices = new Map(turn.chat.devices);
    devices.delete(device.full);
    turn.set({ devices });
  }
}

function findOthers({ devices }: Chat, full: FullJid, now: EncryptedView): readonly Device[] {
  return [...devices.values()].filter((device) => {
    const view = device.full === full ? undefined : viewOf(device);
    return view?.theirTag === now.theirTag && sameKey(view.theirFingerprint, now.theirFingerprint);
  });
}

/** Wipes a session without a word to anybody. */
export function dropSession(world: World, turn: Turn, full: FullJid): void {
  const { session } = turn.device(full);
  if (session === undefined) return;
  const { tag } = describe(session);
  if (tag !== 'plaintext') {
    for (const effect of stepDevice(world, turn, full, { tag: 'end' })) retire(turn, effect);
  }
  turn.setDevice(full, { session: undefined, interrupted: false, stale: false, verifiedUs: false });
}

function retire(turn: Turn, effect: SessionEffect): void {
  if (effect.tag === 'retire') turn.retired.push(...effect.secrets);
}
