// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsOffline } from '#otr';
import type { WantedDevices } from '#shared/model/prekeys.ts';
import { type Audience, audienceOf, everyoneIn } from './audience.ts';
import { findByTag, isWritableAway } from './away.ts';
import { type Chat, type Device, isOnline } from './chat.ts';
import { choicesOf, isBlocked, parseTag, sendToOf, tagLastMetAt } from './choices.ts';
import { listedTags } from './device-lists.ts';
import type { World } from './ports.ts';
import { OFFLINE_GRACE_MS } from './presence.ts';
import { waitingMessages } from './recipients.ts';
import { rulesOf } from './rules.ts';
import { liveOf, viewOf } from './sessions.ts';
import { isVerifiedDevice } from './trust.ts';
import { heldOf } from './facts.ts';
import type { Entry } from './timeline.ts';
import type { Turn } from './turn.ts';

/** So long after signing in we know who is there; whom we are talking with gets the grace for flickering. */
const PRESENCE_MS = 5000;
/** Each question costs them keys, or is for nothing (pks PC-16). */
const ASK_AGAIN_MS = 10 * 60_000;
const ASKED = 'keys-asked:';

/** With which devices to begin while they are away. `latest`: any, but one only. */
export interface AwayPlan {
  readonly tags: WantedDevices;
  /** On the monotonic clock: before that they may still be on their way. */
  readonly dueAt: number;
}

/** What is written for somebody who is not there and cannot be written to yet. Undefined: nothing. */
export function planAway(
  world: World,
  chat: Chat,
  entries: readonly Entry[],
): AwayPlan | undefined {
  if (!isAnythingMeant(chat, entries) || !mayBegin(world, chat)) return undefined;
  const tags = isOnline(chat)
    ? tagsMissed(world, chat, entries)
    : (tagsWanted(world, chat, entries) ?? tagsMissed(world, chat, entries));
  if (tags.length === 0) return undefined;
  return soonest(chat, tags, aloneAt(world, chat));
}

/** Those that may be asked for first: who left no keys the last time keeps nobody else waiting. */
function soonest(chat: Chat, tags: WantedDevices, alone: number): AwayPlan {
  if (tags === 'latest') return { tags, dueAt: Math.max(alone, againAt(chat)) };
  const dueAt = Math.max(alone, Math.min(...tags.map((tag) => againAt(chat, tag))));
  return { tags: tags.filter((tag) => againAt(chat, tag) <= dueAt), dueAt };
}

/** Asked first, since it is asked after each turn and mostly the answer is no. */
const isAnythingMeant = ({ away }: Chat, entries: readonly Entry[]): boolean =>
  away?.tag === 'wanted' || heldOf(entries).length > 0 || waitingMessages(entries).length > 0;

/** Nothing stands in the way that the user would have to decide first. */
function mayBegin(world: World, chat: Chat): boolean {
  const contact = world.store.contacts.get(chat.id);
  if (rulesOf(world, contact).otr === 'never' || !mayReachAway(world, chat)) return false;
  if (world.wire.state().tag !== 'online') return false;
  const isOpen = chat.failure === undefined || chat.failure === 'offline';
  return isOpen && isUndisturbed(chat);
}

const isUndisturbed = ({ changedKey, ended, attempt, invitation }: Chat): boolean =>
  [changedKey, ended, attempt, invitation].every((one) => one === undefined);

/** Nobody is there: with whom the next text would be spoken. */
function tagsWanted(
  world: World,
  chat: Chat,
  entries: readonly Entry[],
): AwayPlan['tags'] | undefined {
  const audience = everyoneIn(audienceOf(world, chat));
  if (audience.some(({ device }) => isWritableAway(device))) return undefined;
  if (heldOf(entries).length === 0 && chat.away?.tag !== 'wanted') return undefined;
  return audience.length > 0 ? audience.map(({ view }) => view.theirTag) : tagsMeant(world, chat);
}

/** There is no chat yet: by the choices of the user, and by whom we met. */
function tagsMeant(world: World, chat: Chat): AwayPlan['tags'] {
  const sendTo = sendToOf(world, chat);
  if (sendTo.rule === 'chosen') return [sendTo.tag];
  const verified = verifiedTags(world, chat);
  if (verified.length > 0 && sendTo.rule === 'verified') return verified;
  const last = chat.active === undefined ? undefined : tagLastMetAt(world, chat.active, chat.peer);
  return last === undefined ? 'latest' : [last];
}

/** Verified devices that the contact announces, or met us under, and that are not blocked. */
export function verifiedTags(world: World, { peer }: Chat): readonly number[] {
  const listed = listedTags(world, peer);
  const met = [...choicesOf(world, peer).keys(), ...listed];
  const known = [...new Set(met)].filter(
    (tag) => isVerifiedDevice(world, peer, tag) && !isBlocked(world, peer, tag),
  );
  const announced = known.filter((tag) => listed.has(tag));
  return announced.length > 0 ? announced : known;
}

/** A text has left for others of their devices, and waits for these. */
function tagsMissed(world: World, chat: Chat, entries: readonly Entry[]): readonly number[] {
  const waiting = waitingMessages(entries).flatMap(({ devices }) =>
    devices.flatMap(({ name, delivery }) =>
      delivery === 'held' ? [parseTag(name.instanceTag)] : [],
    ),
  );
  return [...new Set(waiting)].filter((tag) => isMissed(world, chat, tag));
}

function isMissed(world: World, chat: Chat, tag: number): boolean {
  if (isBlocked(world, chat.peer, tag)) return false;
  const device = findByTag(chat, tag);
  if (device !== undefined) return !device.online && !isWritableAway(device);
  // It may be here without having said so: then it is invited, and no key is spent.
  return ![...chat.devices.values()].some(
    (one) => one.online && tagLastMetAt(world, one.full, chat.peer) === tag,
  );
}

/** When whoever is missing has been missing for long enough. */
function aloneAt(world: World, chat: Chat): number {
  const toMonotonic = world.clock.monotonicNow() - world.clock.now();
  const goneAt = ({ online, offlineAt }: Device): number =>
    online || offlineAt === undefined ? -Infinity : offlineAt + toMonotonic + OFFLINE_GRACE_MS;
  const patience = liveOf(world, chat).length > 0 ? OFFLINE_GRACE_MS : PRESENCE_MS;
  return Math.max(chat.presenceSince + patience, ...[...chat.devices.values()].map(goneAt));
}

function againAt({ away, quiet }: Chat, tag?: number): number {
  if (away?.tag === 'wanted') return -Infinity;
  if (away?.tag === 'none') return away.at + ASK_AGAIN_MS;
  return tag === undefined ? -Infinity : (quiet.get(quietNameOf(tag)) ?? -Infinity);
}

const quietNameOf = (tag: number): string => `${ASKED}${String(tag)}`;

/** Others of their devices have left keys, these have not: they are not asked for again at once. */
export function askLater(turn: Turn, tags: readonly number[], monotonicNow: number): void {
  const until = monotonicNow + ASK_AGAIN_MS;
  const entries = tags.map((tag) => [quietNameOf(tag), until] as const);
  turn.set({ quiet: new Map([...turn.chat.quiet, ...entries]) });
}

/** Verified devices that are in no chat with us: a text for all of them is for them too. */
export function absentTags(world: World, chat: Chat, audience: Audience): readonly number[] {
  if (sendToOf(world, chat).rule !== 'verified' || !mayReachAway(world, chat)) return [];
  const reached = everyoneIn(audience);
  if (!reached.some(({ verified }) => verified)) return [];
  return verifiedTags(world, chat).filter(
    (tag) => !reached.some(({ view }) => view.theirTag === tag) && !hasLeft(world, chat, tag),
  );
}

/** It has ended the chat, or did not want to join it, and is still there. */
function hasLeft(world: World, { devices, peer }: Chat, tag: number): boolean {
  return [...devices.values()].some(
    (device) =>
      device.invited &&
      viewOf(device) === undefined &&
      tagLastMetAt(world, device.full, peer) === tag,
  );
}

function mayReachAway(world: World, chat: Chat): boolean {
  const { liveOnly } = rulesOf(world, world.store.contacts.get(chat.id));
  return permitsOffline(world.mode()) && !liveOnly && world.offlineKeys() !== undefined;
}
