// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceView, SessionView, TrustView } from '#shared/model/conversation.ts';
import type { TrustRow } from '#main/store/rows.ts';
import type { Chat } from './chat.ts';
import { type DeviceBook, deviceBookOf, deviceNameOf } from './device-lists.ts';
import type { World } from './ports.ts';
import { toSecurityCode } from './security-code.ts';
import { type Live, liveOf, targetsOf } from './sessions.ts';
import { sameKey } from './trust.ts';

/** What we know of the contact's devices, the one seen last first. */
export function toDeviceViews(world: World, chat: Chat): readonly DeviceView[] {
  const live = liveOf(world, chat);
  const book = deviceBookOf(world, chat.peer);
  const rows = world.store.trust.ofPeer(world.account, chat.peer);
  const known = rows.map((row) => toKnownDevice(book, chat, row, live));
  const unknown = live.filter(({ view }) => !rows.some((row) => isShownBy(row, view)));
  return [...unknown.map((one) => toNewDevice(book, chat, one)), ...known];
}

const isShownBy = (row: TrustRow, view: Live['view']): boolean =>
  row.instanceTag === view.theirTag && sameKey(row.fingerprint, view.theirFingerprint);

const isChanged = (chat: Chat, fingerprint: Uint8Array): boolean =>
  chat.changedKey !== undefined && sameKey(chat.changedKey.fingerprint, fingerprint);

function toKnownDevice(
  book: DeviceBook,
  chat: Chat,
  row: TrustRow,
  live: readonly Live[],
): DeviceView {
  return {
    name: book.nameOf(row.instanceTag),
    code: toSecurityCode(row.fingerprint),
    trust: isChanged(chat, row.fingerprint) ? { tag: 'changed' } : toTrustView(row),
    live: live.some(({ view }) => isShownBy(row, view)),
    unlisted: book.isUnlisted(row.instanceTag),
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
  };
}

const toTrustView = ({ verified }: TrustRow): TrustView =>
  verified === undefined ? { tag: 'unverified' } : { tag: 'verified', ...verified };

/** A key that is not written down yet, because it is not the one this device had. */
function toNewDevice(book: DeviceBook, chat: Chat, { view }: Live): DeviceView {
  return {
    name: book.nameOf(view.theirTag),
    code: toSecurityCode(view.theirFingerprint),
    trust: isChanged(chat, view.theirFingerprint) ? { tag: 'changed' } : { tag: 'unverified' },
    live: true,
    unlisted: book.isUnlisted(view.theirTag),
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
