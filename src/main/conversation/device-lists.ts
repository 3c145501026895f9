// SPDX-License-Identifier: GPL-3.0-or-later

import type { AnnouncedDeviceView, DeviceName } from '#shared/model/conversation.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { ListedDeviceRow } from '#main/store/rows.ts';
import type { ListedDevice } from '#main/xmpp/wire.ts';
import type { World } from './ports.ts';
import type { Turn } from './turn.ts';

/** What a contact lists, in their order, and then what they used to list. Unauthenticated. */
export const listOf = (world: World, peer: BareJid): readonly ListedDeviceRow[] =>
  world.store.devices.ofPeer(world.account, peer);

/** Whether the contact announces that they talk off the record (S1). */
export const announcesOtr = (world: World, peer: BareJid): boolean =>
  listOf(world, peer).some(({ listed }) => listed);

/** What is known of the contact's devices, read once for as many of them as one wants. */
export interface DeviceBook {
  /** By the name that it gives itself, in the list or the last time we knew one. */
  readonly nameOf: (tag: number) => DeviceName;
  /** It was listed, and is no longer. */
  readonly isUnlisted: (tag: number) => boolean;
}

export function deviceBookOf(world: World, peer: BareJid): DeviceBook {
  const list = listOf(world, peer);
  const met = world.store.trust.ofPeer(world.account, peer);
  const labelOf = (tag: number): string | undefined =>
    list.find((row) => row.tag === tag)?.label ??
    met.find(({ instanceTag, label }) => instanceTag === tag && label !== undefined)?.label;
  return {
    nameOf: (tag) => ({ label: labelOf(tag), instanceTag: formatTag(tag) }),
    isUnlisted: (tag) => list.some((row) => row.tag === tag && !row.listed),
  };
}

/** {@link DeviceBook} for one device. */
export const deviceNameOf = (world: World, peer: BareJid, tag: number): DeviceName =>
  deviceBookOf(world, peer).nameOf(tag);

/** As a line of the timeline names it: its label, else its tag. */
export function deviceWordOf(world: World, peer: BareJid, tag: number): string {
  const { label, instanceTag } = deviceNameOf(world, peer, tag);
  return label ?? instanceTag;
}

/**
 * The newest list takes the place of the one before (xep X-34). Of a contact with a verified device
 * every device that we have not met is news (ux 2.5.8); of the others none is.
 */
export function applyDeviceList(world: World, turn: Turn, devices: readonly ListedDevice[]): void {
  const { store, account: accountId } = world;
  const { peer } = turn.chat;
  turn.write((tx) => {
    const keys = store.trust.ofPeer(accountId, peer);
    const isVerified = keys.some(({ verified }) => verified !== undefined);
    const noted = (tag: number): boolean =>
      !isVerified || keys.some(({ instanceTag }) => instanceTag === tag);
    store.devices.replace(tx, { accountId, peer, devices, at: turn.now, noted });
    for (const { tag: instanceTag, label } of devices) {
      if (label !== undefined) store.trust.saveLabel(tx, { accountId, peer, instanceTag, label });
    }
  });
}

/** The user has seen the card about a new device. */
export function noteDevice(world: World, turn: Turn, instanceTag: string): void {
  const { store, account: accountId } = world;
  turn.write((tx) => {
    const owner = { accountId, peer: turn.chat.peer };
    store.devices.saveNoted(tx, owner, Number.parseInt(instanceTag, 16), true);
  });
}

const toAnnounced = ({ tag, label, firstSeenAt }: ListedDeviceRow): AnnouncedDeviceView => ({
  name: { label, instanceTag: formatTag(tag) },
  firstSeenAt,
});

export interface AnnouncedDevices {
  /** Listed, but never met off the record: no key of theirs is known. */
  readonly announced: readonly AnnouncedDeviceView[];
  /** Those that the user is to be told of. */
  readonly newDevices: readonly AnnouncedDeviceView[];
}

export function toAnnouncedDevices(
  world: World,
  peer: BareJid,
  met: ReadonlySet<string>,
): AnnouncedDevices {
  const rows = listOf(world, peer).filter(({ listed }) => listed);
  const verified = new Set(
    world.store.trust
      .ofPeer(world.account, peer)
      .flatMap((row) => (row.verified === undefined ? [] : [row.instanceTag])),
  );
  return {
    announced: rows.filter(({ tag }) => !met.has(formatTag(tag))).map(toAnnounced),
    newDevices: rows.filter(({ tag, noted }) => !noted && !verified.has(tag)).map(toAnnounced),
  };
}

/** A device its owner took off the list is not written to any more, as long as another one is left. */
export function withoutUnlisted<T extends { readonly view: { readonly theirTag: number } }>(
  world: World,
  peer: BareJid,
  targets: readonly T[],
): readonly T[] {
  const tags = new Set(listOf(world, peer).flatMap(({ tag, listed }) => (listed ? [tag] : [])));
  const listed = targets.filter(({ view }) => tags.has(view.theirTag));
  return listed.length > 0 ? listed : targets;
}
