// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Publishing Prekey Values": what a verified publication may change in the store. The
// store asks inside its transaction, so that two publications cannot both be let through.

import { equalBytes } from '../../crypto/constant-time.ts';
import type { InstanceTag } from '../../bytes.ts';
import { LIMITS } from '../../limits.ts';
import type { PublishCommand, StoredMessage, StoredProfile } from './state.ts';

/** What the store holds for one device. Instants are milliseconds since the epoch. */
export interface StoredShelf {
  /** H of the publications so far, 57 bytes. */
  readonly publicKey: Uint8Array;
  readonly clientProfileExpiresAt: number | undefined;
  readonly prekeyProfileExpiresAt: number | undefined;
  /** Prekey messages that can be handed out. */
  readonly count: number;
  /** The bytes that are stored under an id. */
  readonly find: (id: number) => Uint8Array | undefined;
}

/** Another device of the same account. */
export interface OtherDevice {
  readonly ownerTag: InstanceTag;
  /** When the last of its profiles expires; undefined when it has none. */
  readonly expiresAt: number | undefined;
}

/** What is stored beside the device that publishes. */
export interface StoredBeside {
  /** The other devices of the account. */
  readonly others: readonly OtherDevice[];
  /**
   * Whether an id was handed out under the key that publishes. A store remembers that even when the
   * device has been under another key since, or has had to make room.
   */
  readonly isConsumed: (id: number) => boolean;
}

/** What the store must write in one transaction. */
export interface ShelfChange {
  readonly tag: 'accepted';
  /** A new long-term key: everything stored for the device under the old one goes. */
  readonly clear: boolean;
  /** A device that makes room for a new one. */
  readonly evict: InstanceTag | undefined;
  readonly clientProfile: StoredProfile | undefined;
  readonly prekeyProfile: StoredProfile | undefined;
  readonly insert: readonly StoredMessage[];
}

export type ShelfDecision =
  ShelfChange | { readonly tag: 'refused'; readonly why: ShelfRefusedWhy };

export type ShelfRefusedWhy =
  /** A new long-term key comes with both profiles, or not at all. */
  | 'profiles-missing'
  /** An id that is stored with other bytes, or was handed out already. */
  | 'id-taken'
  | 'too-many-messages'
  | 'too-many-devices';

const refuse = (why: ShelfRefusedWhy): ShelfDecision => ({ tag: 'refused', why });

/**
 * @param stored of the device that publishes; undefined when nothing is
 * @param nowMs  wall clock
 */
export function decidePublication(
  command: PublishCommand,
  stored: StoredShelf | undefined,
  beside: StoredBeside,
  nowMs: number,
): ShelfDecision {
  const clear = stored !== undefined && !equalBytes(stored.publicKey, command.shelf.publicKey);
  if (clear && !hasBothProfiles(command)) return refuse('profiles-missing');
  if (command.prekeyMessages.some(({ id }) => beside.isConsumed(id))) return refuse('id-taken');
  const room = stored === undefined ? findRoom(beside.others, nowMs) : { evict: undefined };
  return room === undefined
    ? refuse('too-many-devices')
    : changeShelf(command, clear ? undefined : stored, { clear, ...room });
}

function hasBothProfiles({ clientProfile, prekeyProfile }: PublishCommand): boolean {
  return clientProfile !== undefined && prekeyProfile !== undefined;
}

/** @param kept what stays beside the publication */
function changeShelf(
  { prekeyMessages, clientProfile, prekeyProfile }: PublishCommand,
  kept: StoredShelf | undefined,
  room: Pick<ShelfChange, 'clear' | 'evict'>,
): ShelfDecision {
  const insert = withoutStored(prekeyMessages, kept);
  if (insert === undefined) return refuse('id-taken');
  if ((kept?.count ?? 0) + insert.length > LIMITS.prekeysStored) return refuse('too-many-messages');
  return {
    tag: 'accepted',
    ...room,
    clientProfile: unlessOlder(clientProfile, kept?.clientProfileExpiresAt),
    prekeyProfile: unlessOlder(prekeyProfile, kept?.prekeyProfileExpiresAt),
    insert,
  };
}

/** The same id with the same bytes is a publication whose Success was lost. */
function withoutStored(
  messages: readonly StoredMessage[],
  kept: StoredShelf | undefined,
): readonly StoredMessage[] | undefined {
  const found = messages.map(({ id, raw }) => ({ id, raw, known: kept?.find(id) }));
  const isTaken = found.some(({ raw, known }) => known !== undefined && !equalBytes(known, raw));
  if (isTaken) return undefined;
  return found.filter(({ known }) => known === undefined).map(({ id, raw }) => ({ id, raw }));
}

function findRoom(
  others: readonly OtherDevice[],
  nowMs: number,
): { readonly evict: InstanceTag | undefined } | undefined {
  if (others.length < LIMITS.prekeyDevices) return { evict: undefined };
  const expired = others.find(({ expiresAt }) => expiresAt === undefined || expiresAt <= nowMs);
  return expired === undefined ? undefined : { evict: expired.ownerTag };
}

/** Of two publications that race, the one with the longer life stays, in whichever order they come. */
function unlessOlder(
  profile: StoredProfile | undefined,
  storedExpiresAt: number | undefined,
): StoredProfile | undefined {
  const isOlder = profile !== undefined && profile.expiresAt < (storedExpiresAt ?? 0);
  return isOlder ? undefined : profile;
}

/** Whether an ensemble can be made of what is stored for a device. @param nowMs wall clock */
export function isCompleteShelf(shelf: StoredShelf, nowMs: number): boolean {
  return (
    shelf.count > 0 &&
    (shelf.clientProfileExpiresAt ?? 0) > nowMs &&
    (shelf.prekeyProfileExpiresAt ?? 0) > nowMs
  );
}

/**
 * Until when the store remembers that an id was handed out, so that a client which did not hear of
 * its Success cannot bring a used key back.
 *
 * @param profileExpiresAt of the profile that covered it
 */
export function rememberConsumedUntil(profileExpiresAt: number): number {
  return profileExpiresAt + LIMITS.consumedPrekeyMarginMs;
}
