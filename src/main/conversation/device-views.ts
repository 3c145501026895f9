// SPDX-License-Identifier: GPL-3.0-or-later

import type {
  AnnouncedDeviceView,
  AudienceView,
  DeviceView,
  SessionView,
  TrustView,
} from '#shared/model/conversation.ts';
import type { TrustRow } from '#main/store/rows.ts';
import type { Chat } from './chat.ts';
import { type DeviceBook, listOf } from './device-lists.ts';
import type { World } from './ports.ts';
import { toSecurityCode } from './security-code.ts';
import { type Live, liveOf } from './sessions.ts';
import { sameKey } from './trust.ts';

/** What is read once for all devices of one contact. */
interface Known {
  readonly chat: Chat;
  readonly book: DeviceBook;
  readonly rows: readonly TrustRow[];
  readonly live: readonly Live[];
}

const knownOf = (world: World, chat: Chat, book: DeviceBook): Known => ({
  chat,
  book,
  rows: world.store.trust.ofPeer(world.account, chat.peer),
  live: liveOf(world, chat),
});

export interface DevicesOfContact {
  /** Met off the record, the one seen last first. */
  readonly devices: readonly DeviceView[];
  /** Listed, but never met: no key of theirs is known. */
  readonly announced: readonly AnnouncedDeviceView[];
  /** Those that the user is to be told of. */
  readonly newDevices: readonly AnnouncedDeviceView[];
}

/** What we know of the contact's devices. */
export function toDeviceViews(world: World, chat: Chat, book: DeviceBook): DevicesOfContact {
  const known = knownOf(world, chat, book);
  const { rows, live } = known;
  const unknown = live.filter(({ view }) => !rows.some((row) => isShownBy(row, view)));
  const met = rows.filter((row) => !book.isGone(row.instanceTag) || isInChat(known, row));
  const listed = listOf(world, chat.peer).filter((row) => row.listed);
  const tags = new Set([...rows, ...unknown.map(({ view }) => view)].map(tagOf));
  return {
    devices: [
      ...unknown.map((one) => toNewDevice(known, one)),
      ...met.map((row) => toKnownDevice(known, row)),
    ],
    announced: listed
      .filter(({ tag }) => !tags.has(tag))
      .map(({ tag, firstSeenAt }) => toAnnounced(book, tag, firstSeenAt)),
    newDevices: newsOf(known, listed),
  };
}

const tagOf = (one: TrustRow | Live['view']): number =>
  'instanceTag' in one ? one.instanceTag : one.theirTag;

const isShownBy = (row: TrustRow, view: Live['view']): boolean =>
  row.instanceTag === view.theirTag && sameKey(row.fingerprint, view.theirFingerprint);

const isInChat = ({ live }: Known, row: TrustRow): boolean =>
  live.some(({ view }) => isShownBy(row, view));

const toAnnounced = (book: DeviceBook, tag: number, firstSeenAt: number): AnnouncedDeviceView => ({
  name: book.nameOf(tag),
  firstSeenAt,
  blocked: book.choiceOf(tag)?.blocked === true,
  nickname: book.choiceOf(tag)?.nickname,
  announcedAs: book.announcedAs(tag),
});

/**
 * Of a contact with a verified device: those that are listed or in the chat, are not verified, and
 * of which the user has not said anything yet (ux 2.5.8). Of other contacts no device is news.
 */
function newsOf(
  { book, rows, live, chat }: Known,
  listed: ReturnType<typeof listOf>,
): readonly AnnouncedDeviceView[] {
  const verified = new Set(rows.flatMap((row) => (row.verified ? [row.instanceTag] : [])));
  if (verified.size === 0 || chat.changedKey !== undefined) return [];
  const news = new Map(listed.flatMap((row) => (row.noted ? [] : [[row.tag, row.firstSeenAt]])));
  for (const { view } of live) {
    const met = rows.find((row) => isShownBy(row, view));
    news.set(view.theirTag, met?.firstSeenAt ?? view.establishedAt);
  }
  return [...news]
    .filter(([tag]) => !verified.has(tag) && isUndecided(book, tag))
    .map(([tag, firstSeenAt]) => toAnnounced(book, tag, firstSeenAt));
}

function isUndecided(book: DeviceBook, tag: number): boolean {
  const choice = book.choiceOf(tag);
  return choice === undefined || (!choice.blocked && choice.use === undefined);
}

function trustOf({ chat }: Known, fingerprint: Uint8Array): TrustView | undefined {
  const { changedKey } = chat;
  if (changedKey === undefined || !sameKey(changedKey.fingerprint, fingerprint)) return undefined;
  return { tag: 'changed', why: changedKey.why };
}

function toKnownDevice(known: Known, row: TrustRow): DeviceView {
  return {
    ...toDevice(known, row.instanceTag),
    code: toSecurityCode(row.fingerprint),
    trust: trustOf(known, row.fingerprint) ?? toTrustView(row),
    live: known.live.some(({ device, view }) => device.online && isShownBy(row, view)),
    inChat: isInChat(known, row),
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
  };
}

const toTrustView = ({ verified }: TrustRow): TrustView =>
  verified === undefined ? { tag: 'unverified' } : { tag: 'verified', ...verified };

/** A key that is not written down yet, because it is not the one this device had. */
function toNewDevice(known: Known, { device, view }: Live): DeviceView {
  return {
    ...toDevice(known, view.theirTag),
    code: toSecurityCode(view.theirFingerprint),
    trust: trustOf(known, view.theirFingerprint) ?? { tag: 'unverified' },
    live: device.online,
    inChat: true,
    firstSeenAt: view.establishedAt,
    lastSeenAt: view.establishedAt,
  };
}

function toDevice({ book }: Known, tag: number) {
  const choice = book.choiceOf(tag);
  return {
    name: book.nameOf(tag),
    unlisted: book.isUnlisted(tag),
    blocked: choice?.blocked === true,
    allowed: choice?.use === 'allowed',
    nickname: choice?.nickname,
    announcedAs: book.announcedAs(tag),
  };
}

export function toAudienceView(audience: readonly Live[], book: DeviceBook): AudienceView {
  const unverified = audience.filter(({ verified }) => !verified);
  return {
    devices: audience.length,
    verified: audience.length - unverified.length,
    unverified: unverified.map(({ view }) => book.nameOf(view.theirTag)),
  };
}

/** Details of the session that the next text would go through. */
export function toSessionView(
  world: World,
  target: Live | undefined,
  book: DeviceBook,
): SessionView | undefined {
  const keys = world.ownKeys();
  if (target === undefined || keys === undefined) return undefined;
  const { ssid, theirTag, theirFingerprint, establishedAt } = target.view;
  return {
    startedAt: establishedAt,
    device: book.nameOf(theirTag),
    ssid: [ssid.first, ssid.second],
    ourHalf: ssid.ours,
    ourCode: keys.code,
    theirCode: toSecurityCode(theirFingerprint),
  };
}
