// SPDX-License-Identifier: GPL-3.0-or-later

import { assertNever } from '#shared/std/assert-never.ts';
import type { ListedDevice } from '#main/xmpp/wire.ts';

/** Devices of one list that we write (xep S-01). */
export const MAX_WRITTEN = 8;
/** How often a device puts itself back in this time, before it leaves it to the user (xep S-04). */
const MAX_REPAIRS = 5;
const REPAIRS_MS = 10 * 60_000;
/** A random pause in this range: of two who lost the same race, one is first the next time. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 5000;
/** Missing sooner than this after a publication is a lost race, nobody's intention. */
const SETTLED_MS = 10_000;

/**
 * How this device stands in its account's list. `contested`: somebody takes it off again and again.
 * `refused`: the server does not keep such a list, or not for us.
 */
export type Standing = 'unknown' | 'listed' | 'missing' | 'contested' | 'refused';

/** Whether others can find this device, and what is done about it. All instants are monotonic. */
export interface Announcement {
  readonly own: ListedDevice;
  readonly online: boolean;
  /** As last heard in this network session. */
  readonly listed: readonly ListedDevice[];
  readonly standing: Standing;
  readonly listedSince: number;
  /** Sent, and neither answered nor overtaken by what others wrote. */
  readonly underWay: readonly ListedDevice[] | undefined;
  readonly waiting: boolean;
  readonly repairs: readonly number[];
}

export type AnnouncementInput =
  /** A new network session: what the list says now is not known. */
  | { readonly tag: 'online' }
  | { readonly tag: 'offline' }
  /** Undefined: the server did not tell. */
  | { readonly tag: 'fetched'; readonly devices: readonly ListedDevice[] | undefined }
  /** Somebody wrote the list. `jitter` is uniform in [0, 1). */
  | {
      readonly tag: 'heard';
      readonly devices: readonly ListedDevice[];
      readonly nowMs: number;
      readonly jitter: number;
    }
  | { readonly tag: 'due'; readonly nowMs: number }
  | { readonly tag: 'published'; readonly accepted: boolean; readonly nowMs: number }
  /** Reading or writing failed for a reason that passes. `jitter` as above. */
  | { readonly tag: 'failed'; readonly nowMs: number; readonly jitter: number }
  | { readonly tag: 'relabel'; readonly label: string | undefined }
  /** The user takes another device off. */
  | { readonly tag: 'remove'; readonly device: number }
  /** The user wants this device back in a list that is contested. */
  | { readonly tag: 'again' };

export type AnnouncementEffect =
  | { readonly tag: 'fetch' }
  | { readonly tag: 'publish'; readonly devices: readonly ListedDevice[] }
  | { readonly tag: 'set-alarm'; readonly delayMs: number }
  | { readonly tag: 'cancel-alarm' }
  /** Somebody else took this device off, and it has put itself back (ux 2.5.8). */
  | { readonly tag: 'tell-taken-off' };

export interface AnnouncementStep {
  readonly next: Announcement;
  readonly effects: readonly AnnouncementEffect[];
}

export const initialAnnouncement = (own: ListedDevice): Announcement => ({
  own,
  online: false,
  listed: [],
  standing: 'unknown',
  listedSince: 0,
  underWay: undefined,
  waiting: false,
  repairs: [],
});

/** The list with our own device in it: where it was, else at the front, where no limit cuts it off. */
export function mergeOwn(
  own: ListedDevice,
  listed: readonly ListedDevice[],
): readonly ListedDevice[] {
  const place = listed.findIndex(({ tag }) => tag === own.tag);
  const merged =
    place >= 0 && place < MAX_WRITTEN
      ? listed.with(place, own)
      : [own, ...listed.filter(({ tag }) => tag !== own.tag)];
  return merged.slice(0, MAX_WRITTEN);
}

const names = (devices: readonly ListedDevice[], { tag }: ListedDevice): boolean =>
  devices.some((device) => device.tag === tag);

const unchanged = (state: Announcement): AnnouncementStep => ({ next: state, effects: [] });

function publish(state: Announcement, devices: readonly ListedDevice[]): AnnouncementStep {
  const effects: readonly AnnouncementEffect[] = [
    ...(state.waiting ? [{ tag: 'cancel-alarm' } as const] : []),
    { tag: 'publish', devices },
  ];
  return { next: { ...state, waiting: false, underWay: devices }, effects };
}

const toPauseMs = (jitter: number): number =>
  Math.round(MIN_PAUSE_MS + jitter * (MAX_PAUSE_MS - MIN_PAUSE_MS));

type Heard = Extract<AnnouncementInput, { readonly tag: 'heard' }>;

/** Every update of the own list is looked at (xep X-09). */
function onHeard(state: Announcement, { devices, nowMs, jitter }: Heard): AnnouncementStep {
  const heard = { ...state, listed: devices, underWay: undefined };
  // Before the list was fetched nothing is missing: the announcement of this login is still to come.
  if (!state.online || state.standing === 'unknown')
    return unchanged({ ...state, listed: devices });
  if (names(devices, state.own)) {
    const listedSince = state.standing === 'listed' ? state.listedSince : nowMs;
    return {
      next: { ...heard, standing: 'listed', listedSince, waiting: false },
      effects: state.waiting ? [{ tag: 'cancel-alarm' }] : [],
    };
  }
  if (state.waiting) return unchanged(heard);
  const repairs = state.repairs.filter((at) => nowMs - at < REPAIRS_MS);
  if (repairs.length >= MAX_REPAIRS) {
    return unchanged({ ...heard, repairs, standing: 'contested' });
  }
  const wasSettled = state.standing === 'listed' && nowMs - state.listedSince >= SETTLED_MS;
  return {
    next: { ...heard, repairs, standing: 'missing', waiting: true },
    effects: [
      { tag: 'set-alarm', delayMs: toPauseMs(jitter) },
      ...(wasSettled ? [{ tag: 'tell-taken-off' } as const] : []),
    ],
  };
}

function onFetched(
  state: Announcement,
  devices: readonly ListedDevice[] | undefined,
): AnnouncementStep {
  if (!state.online) return unchanged(state);
  // What the others wrote is not known, and must not be written over.
  if (devices === undefined) return unchanged({ ...state, standing: 'refused' });
  const known: Announcement = { ...state, listed: devices, standing: 'missing' };
  return publish(known, mergeOwn(state.own, devices));
}

function onPublished(state: Announcement, accepted: boolean, nowMs: number): AnnouncementStep {
  const { underWay } = state;
  if (!state.online || underWay === undefined) return unchanged(state);
  const answered = { ...state, underWay: undefined };
  if (!accepted) return unchanged({ ...answered, standing: 'refused' });
  const listedSince = state.standing === 'listed' ? state.listedSince : nowMs;
  return unchanged({ ...answered, listed: underWay, standing: 'listed', listedSince });
}

/** Asked again after a while, as often as the list is put right. */
function onFailed(state: Announcement, nowMs: number, jitter: number): AnnouncementStep {
  if (!state.online || state.waiting) return unchanged(state);
  const repairs = state.repairs.filter((at) => nowMs - at < REPAIRS_MS);
  const failed: Announcement = { ...state, repairs, standing: 'refused', underWay: undefined };
  if (repairs.length >= MAX_REPAIRS) return unchanged(failed);
  const effect = { tag: 'set-alarm', delayMs: toPauseMs(jitter) } as const;
  return { next: { ...failed, waiting: true }, effects: [effect] };
}

function onOffline(state: Announcement): AnnouncementStep {
  return {
    next: { ...state, online: false, standing: 'unknown', underWay: undefined, waiting: false },
    effects: state.waiting ? [{ tag: 'cancel-alarm' }] : [],
  };
}

/** Writes only on top of what is known of the list: anything else would take others off it. */
const mayWrite = ({ online, standing }: Announcement): boolean =>
  online && standing !== 'unknown' && standing !== 'refused';

function onRelabel(state: Announcement, label: string | undefined): AnnouncementStep {
  const relabelled = { ...state, own: { ...state.own, label } };
  return mayWrite(state)
    ? publish(relabelled, mergeOwn(relabelled.own, state.listed))
    : unchanged(relabelled);
}

function onRemove(state: Announcement, device: number): AnnouncementStep {
  if (!mayWrite(state) || device === state.own.tag) return unchanged(state);
  const others = state.listed.filter(({ tag }) => tag !== device);
  return publish({ ...state, listed: others }, mergeOwn(state.own, others));
}

function onOnline(state: Announcement): AnnouncementStep {
  const { next, effects } = onOffline(state);
  return { next: { ...next, online: true }, effects: [...effects, { tag: 'fetch' }] };
}

function onDue(state: Announcement, nowMs: number): AnnouncementStep {
  if (!state.online || !state.waiting) return unchanged(state);
  const repairing = { ...state, waiting: false, repairs: [...state.repairs, nowMs] };
  if (state.standing === 'refused') return { next: repairing, effects: [{ tag: 'fetch' }] };
  return publish(repairing, mergeOwn(state.own, state.listed));
}

const onAgain = (state: Announcement): AnnouncementStep =>
  state.online
    ? { next: { ...state, repairs: [] }, effects: [{ tag: 'fetch' }] }
    : unchanged(state);

/** Announces at login, and again whenever this device is missing, but never in an endless fight. */
export function stepAnnouncement(state: Announcement, input: AnnouncementInput): AnnouncementStep {
  switch (input.tag) {
    case 'online':
      return onOnline(state);
    case 'offline':
      return onOffline(state);
    case 'fetched':
      return onFetched(state, input.devices);
    case 'heard':
      return onHeard(state, input);
    case 'due':
      return onDue(state, input.nowMs);
    case 'published':
      return onPublished(state, input.accepted, input.nowMs);
    case 'failed':
      return onFailed(state, input.nowMs, input.jitter);
    default:
      return stepByUser(state, input);
  }
}

type ByUser = Extract<AnnouncementInput, { readonly tag: 'relabel' | 'remove' | 'again' }>;

function stepByUser(state: Announcement, input: ByUser): AnnouncementStep {
  switch (input.tag) {
    case 'relabel':
      return onRelabel(state, input.label);
    case 'remove':
      return onRemove(state, input.device);
    case 'again':
      return onAgain(state);
    default:
      return assertNever(input);
  }
}
