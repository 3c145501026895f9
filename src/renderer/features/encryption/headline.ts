// SPDX-License-Identifier: GPL-3.0-or-later

import type {
  ConversationState,
  ConversationView,
  DeviceName,
  DeviceView,
  TrustView,
} from '#shared/model/conversation.ts';
import { isAlwaysOffTheRecord, mayStart } from '../../stores/conversation-state.ts';

/** The one next thing to do; when there is nothing to do, nothing is loud. */
export type HeadlineAct =
  'start' | 'start-again' | 'cancel' | 'verify' | 'refresh' | 'compare' | 'retry';

export type SecondaryAct = 'write-unencrypted' | 'dismiss';

export interface Headline {
  /** Under `encryption.meaning`. */
  readonly meaning: string;
  readonly primary: HeadlineAct | undefined;
  readonly secondary: SecondaryAct | undefined;
}

type Verified = Extract<TrustView, { readonly tag: 'verified' }>;

/** The device that the chat runs with, or would run with. */
export function liveDevice({ devices, session }: ConversationView): DeviceView | undefined {
  const tag = session?.device.instanceTag;
  return devices.find(({ name }) => name.instanceTag === tag) ?? devices.find(({ live }) => live);
}

export function verifiedTrust(view: ConversationView): Verified | undefined {
  const trust = liveDevice(view)?.trust;
  return trust?.tag === 'verified' ? trust : undefined;
}

/** They checked us, which says nothing about them (ux I-6). */
const verifiedUs = ({ verification }: ConversationView): boolean =>
  verification.tag === 'result' && verification.outcome === 'matched-answered';

const headlines: Readonly<Record<ConversationState, Omit<Headline, 'meaning'>>> = {
  plain: { primary: 'start', secondary: undefined },
  'plain-available': { primary: 'start', secondary: undefined },
  'not-started': { primary: 'start', secondary: undefined },
  waiting: { primary: undefined, secondary: undefined },
  'offline-verified': { primary: undefined, secondary: undefined },
  'offline-unverified': { primary: 'verify', secondary: undefined },
  starting: { primary: 'cancel', secondary: undefined },
  unverified: { primary: 'verify', secondary: undefined },
  verified: { primary: undefined, secondary: undefined },
  mixed: { primary: 'verify', secondary: undefined },
  'ended-by-peer': { primary: 'start-again', secondary: 'write-unencrypted' },
  expired: { primary: 'start-again', secondary: 'write-unencrypted' },
  interrupted: { primary: 'refresh', secondary: undefined },
  'key-changed': { primary: 'compare', secondary: 'dismiss' },
  'cannot-encrypt': { primary: 'retry', secondary: undefined },
};

/** The device that is to be looked at next; `undefined`: the one that the chat runs with. */
export function deviceToCheck({
  state,
  devices,
  audience,
}: ConversationView): DeviceName | undefined {
  if (state === 'key-changed') return devices.find(({ trust }) => trust.tag === 'changed')?.name;
  return state === 'mixed' ? audience.unverified[0] : undefined;
}

/** Where more than one is not verified, each of them has its own way to be. */
export function devicesToVerify(view: ConversationView): readonly DeviceName[] {
  const { unverified } = view.audience;
  return toHeadline(view).primary === 'verify' && unverified.length > 1 ? unverified : [];
}

/** Only who is there can take part; the codes can be compared without. */
export function wayToVerify({ devices }: ConversationView, device: DeviceName): 'code' | 'compare' {
  const isLive = devices.some(({ name, live }) => live && name.instanceTag === device.instanceTag);
  return isLive ? 'code' : 'compare';
}

const isOnlyNew = ({ devices }: ConversationView): boolean =>
  devices.some(({ trust }) => trust.tag === 'changed' && trust.why === 'only-new');

/** The devices a sentence of the headline is about. */
export function devicesInMeaning({
  state,
  sendTo,
  audience,
}: ConversationView): readonly DeviceName[] {
  return state === 'waiting' && sendTo.rule === 'chosen' ? [sendTo.device] : audience.unverified;
}

/** The states of which there is more than one meaning, and when it is the other one. */
const others: readonly (readonly [
  state: ConversationState,
  meaning: string,
  isMeant: (view: ConversationView) => boolean,
])[] = [
  ['starting', 'starting-peer', ({ starting }) => starting?.by === 'peer'],
  ['starting', 'starting-keys', ({ starting }) => starting?.by === 'keys'],
  ['starting', 'starting-us', () => true],
  ['waiting', 'waiting-device', ({ sendTo }) => sendTo.rule === 'chosen'],
  ['key-changed', 'key-changed-only-new', isOnlyNew],
  ['unverified', 'unverified-verified-us', verifiedUs],
  ['verified', 'verified-undated', (view) => verifiedTrust(view) === undefined],
  ['ended-by-peer', 'ended-by-peer-always', isAlwaysOffTheRecord],
  ['expired', 'expired-always', isAlwaysOffTheRecord],
];

function toMeaning(view: ConversationView): string {
  if (view.state === 'waiting' && view.noKeys !== undefined) return `waiting-${view.noKeys}`;
  return (
    others.find(([state, , isMeant]) => state === view.state && isMeant(view))?.[1] ?? view.state
  );
}

const starts: ReadonlySet<HeadlineAct | undefined> = new Set(['start', 'start-again', 'retry']);

export function toHeadline(view: ConversationView): Headline {
  const { secondary } = headlines[view.state];
  const meaning = toMeaning(view);
  // The contact may be there, on another device: the chosen one can be asked.
  const next = meaning === 'waiting-device' ? 'start' : headlines[view.state].primary;
  const primary = starts.has(next) && !mayStart(view) ? undefined : next;
  const offered =
    secondary === 'write-unencrypted' && isAlwaysOffTheRecord(view) ? undefined : secondary;
  return { meaning, primary, secondary: offered };
}
