// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceView, SessionView, TrustView } from '#shared/model/conversation.ts';
import type { TrustRow } from '#main/store/rows.ts';
import type { Chat } from './chat.ts';
import { deviceNameOf, listOf } from './device-lists.ts';
import type { World } from './ports.ts';
import { toSecurityCode } from './security-code.ts';
import { type Live, liveOf, targetsOf } from './sessions.ts';
import { sameKey } from './trust.ts';

/** What we know of the contact's devices, the one seen last first. */
export function toDeviceViews(world: World, chat: Chat): readonly DeviceView[] {
  const live = liveOf(world, chat);
  const rows = world.store.trust.ofPeer(world.account, chat.peer);
  const known = rows.map((row) => toKnownDevice(world, chat, row, live));
  const unknown = live.filter(({ view }) => !rows.some((row) => isShownBy(row, view)));
  return [...unknown.map((one) => toNewDevice(world, chat, one)), ...known];
}

const isShownBy = (row: TrustRow, view: Live['view']): boolean =>
  row.instanceTag === view.theirTag && sameKey(row.fingerprint, view.theirFingerprint);

const isChanged = (chat: Chat, fingerprint: Uint8Array): boolean =>
  chat.changedKey !== undefined && sameKey(chat.changedKey.fingerprint, fingerprint);

function toKnownDevice(world: World, chat: Chat, row: TrustRow, live: readonly Live[]): DeviceView {
  return {
    name: deviceNameOf(world, chat.peer, row.instanceTag),
    code: toSecurityCode(row.fingerprint),
    trust: isChanged(chat, row.fingerprint) ? { tag: 'changed' } : toTrustView(row),
    live: live.some(({ view }) => isShownBy(row, view)),
    unlisted: isUnlisted(world, chat, row.instanceTag),
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
  };
}

/** It was listed, and is no longer. */
const isUnlisted = (world: World, chat: Chat, tag: number): boolean =>
  listOf(world, chat.peer).some((row) => row.tag === tag && !row.listed);

const toTrustView = ({ verified }: TrustRow): TrustView =>
  verified === undefined ? { tag: 'unverified' } : { tag: 'verified', ...verified };

/** A key that is not written down yet, because it is not the one this device had. */
function toNewDevice(world: World, chat: Chat, { view }: Live): DeviceView {
  return {
    name: deviceNameOf(world, chat.peer, view.theirTag),
    code: toSecurityCode(view.theirFingerprint),
    trust: isChanged(chat, view.theirFingerprint) ? { tag: 'changed' } : { tag: 'unverified' },
    live: true,
    unlisted: isUnlisted(world, chat, view.theirTag),
    firstSeenAt: view.establishedAt,
    lastSeenAt: view.establishedAt,
  };
}

/** Details of the session that the next text would go through. */
export function toSessionView(world: World, chat: Chat): SessionView | undefined {
  const [target] = targetsOf(world, chat);
  const keys = world.ownKeys();
  if (target === undefined || keys === undefined) return undefined;
  const { ssid, theirTag, theirFingerprint, establishedAt } = target.view;
  return {
    startedAt: establishedAt,
    device: deviceNameOf(world, chat.peer, theirTag),
    ssid: [ssid.first, ssid.second],
    ourHalf: ssid.ours,
    ourCode: keys.code,
    theirCode: toSecurityCode(theirFingerprint),
  };
}
