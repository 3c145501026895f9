// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName } from '#shared/model/conversation.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { DeviceChoice, ListedDeviceRow } from '#main/store/rows.ts';
import type { ListedDevice } from '#main/xmpp/wire.ts';
import type { World } from './ports.ts';
import type { Turn } from './turn.ts';

/** How long a device that is no longer listed is still shown (ux 2.5.8). */
const UNLISTED_SHOWN_MS = 30 * 24 * 60 * 60 * 1000;

/** What a contact lists, in their order, and then what they used to list. Unauthenticated. */
export const listOf = (world: World, peer: BareJid): readonly ListedDeviceRow[] =>
  world.store.devices.ofPeer(world.account, peer);

/** Whether the contact announces that they talk off the record (S1). */
export const announcesOtr = (world: World, peer: BareJid): boolean =>
  listOf(world, peer).some(({ listed }) => listed);

/** What is known of the contact's devices, read once for as many of them as one wants. */
export interface DeviceBook {
  /** By the user's name for it, else by the one it gives itself, now or the last time we knew one. */
  readonly nameOf: (tag: number) => DeviceName;
  /** Its own name, where the user has another for it. */
  readonly announcedAs: (tag: number) => string | undefined;
  readonly choiceOf: (tag: number) => DeviceChoice | undefined;
  /** It was listed, and is no longer. */
  readonly isUnlisted: (tag: number) => boolean;
  /** That is so long ago that it is not shown any more. */
  readonly isGone: (tag: number) => boolean;
}

export function deviceBookOf(world: World, peer: BareJid): DeviceBook {
  const list = listOf(world, peer);
  const met = world.store.trust.ofPeer(world.account, peer);
  const choices = world.store.choices.ofPeer(world.account, peer);
  const isUnlisted = (tag: number): boolean => list.some((row) => row.tag === tag && !row.listed);
  const goneBefore = world.clock.now() - UNLISTED_SHOWN_MS;
  const labelOf = (tag: number): string | undefined =>
    list.find((row) => row.tag === tag)?.label ??
    met.find(({ instanceTag, label }) => instanceTag === tag && label !== undefined)?.label;
  const shownAs = (tag: number): string | undefined => choices.get(tag)?.nickname ?? labelOf(tag);
  const tags = [...new Set([...list.map(({ tag }) => tag), ...met.map((row) => row.instanceTag)])];
  return {
    nameOf: (tag) => {
      const label = shownAs(tag);
      const name = { label, instanceTag: formatTag(tag) };
      const isShared =
        label !== undefined &&
        tags.some((other) => {
          return other !== tag && shownAs(other) === label;
        });
      return isShared ? { ...name, shared: true } : name;
    },
    announcedAs: (tag) => (choices.get(tag)?.nickname === undefined ? undefined : labelOf(tag)),
    choiceOf: (tag) => choices.get(tag),
    isUnlisted,
    isGone: (tag) =>
      list.some((row) => row.tag === tag && !row.listed && row.lastListedAt < goneBefore),
  };
}

/** {@link DeviceBook} for one device. */
export const deviceNameOf = (world: World, peer: BareJid, tag: number): DeviceName =>
  deviceBookOf(world, peer).nameOf(tag);

/** As a line of the timeline names it: its label, with its tag where it shares it; else its tag. */
export function deviceWordOf(world: World, peer: BareJid, tag: number): string {
  const { label, instanceTag, shared } = deviceNameOf(world, peer, tag);
  if (label === undefined) return instanceTag;
  return shared === true ? `${label} (${instanceTag})` : label;
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

/** What a contact lists now, by tag. */
export const listedTags = (world: World, peer: BareJid): ReadonlySet<number> =>
  new Set(listOf(world, peer).flatMap(({ tag, listed }) => (listed ? [tag] : [])));

/** A device its owner took off the list is not written to any more, as long as another one is left. */
export function withoutUnlisted<T extends { readonly view: { readonly theirTag: number } }>(
  tags: ReadonlySet<number>,
  targets: readonly T[],
): readonly T[] {
  const listed = targets.filter(({ view }) => tags.has(view.theirTag));
  return listed.length > 0 ? listed : targets;
}
