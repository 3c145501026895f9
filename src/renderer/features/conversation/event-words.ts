// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationState } from '#shared/model/conversation.ts';
import type { TimelineEvent } from '#shared/model/timeline.ts';
import { type SpokenDevice, toSpokenDevice } from '../../stores/names.ts';
import type { StateName } from '../../ui/state-look.ts';

export interface EventWords {
  /** Under `conversation.event`. */
  readonly key: string;
  readonly device?: SpokenDevice;
  readonly method?: 'question' | 'secret' | 'code' | 'compare';
  readonly count?: number;
}

/** Main names a device by its label, or by its instance tag where it has none. */
const spoken = (device: string): SpokenDevice =>
  toSpokenDevice({
    label: /^[0-9a-f]{8}$/.test(device) ? undefined : device,
    instanceTag: device,
  });

const started = (verified: boolean, device: string): EventWords =>
  verified ? { key: 'started-verified', device: spoken(device) } : { key: 'started-unverified' };

const about = (key: string, device: string): EventWords => ({ key, device: spoken(device) });

const refreshed = (verified: boolean): EventWords => ({
  key: verified ? 'refreshed-verified' : 'refreshed-unverified',
});

/** Which sentence says it. Local, never sent. */
export function toEventWords(event: TimelineEvent): EventWords {
  switch (event.name) {
    case 'started':
      return started(event.verified, event.device);
    case 'refreshed':
      return refreshed(event.verified);
    case 'verified':
      return { key: event.name, device: spoken(event.device), method: event.method };
    case 'send-to':
      return about(`send-to-${event.rule}`, event.device ?? '');
    case 'no-keys':
      return { key: `no-keys-${event.why}` };
    case 'unreadable':
      return { key: event.name, count: event.count };
    default:
      return toPlainWords(event);
  }
}

/** Its name says it all; how far a device is trusted stands behind it. */
function toPlainWords(event: TimelineEvent): EventWords {
  if (!('device' in event) || event.device === undefined) return { key: event.name };
  if (!('verified' in event)) return about(event.name, event.device);
  return about(`${event.name}-${event.verified ? 'verified' : 'unverified'}`, event.device);
}

/** The shape before the words, when trust changed. */
export function toEventShape(event: TimelineEvent): StateName | undefined {
  switch (event.name) {
    case 'verified':
      return 'verified';
    case 'only-new':
      return 'key-changed';
    case 'verification-removed':
      return 'unverified';
    case 'key-changed':
      return 'key-changed';
    case 'interrupted':
      return 'interrupted';
    default:
      return beginsVerified(event) ? BEGUN[event.name] : undefined;
  }
}

/** Something began with a verified device. */
const BEGUN = {
  started: 'verified',
  joined: 'verified',
  'began-away': 'verified',
  'started-away': 'offline-verified',
} as const;

const beginsVerified = (
  event: TimelineEvent,
): event is Extract<TimelineEvent, { readonly name: keyof typeof BEGUN }> =>
  event.name in BEGUN && 'verified' in event && event.verified;

export type EventAction = 'verify' | 'refresh' | 'start' | 'mute';

interface Offer {
  readonly action: EventAction;
  /** The states in which it still makes sense. */
  readonly states: readonly ConversationState[];
}

const running = ['unverified', 'verified', 'mixed'] as const;
const unverified = ['unverified', 'offline-unverified'] as const;
const idle = ['plain', 'plain-available', 'not-started'] as const;

const offers: Readonly<Partial<Record<TimelineEvent['name'], Offer>>> = {
  started: { action: 'verify', states: unverified },
  refreshed: { action: 'verify', states: unverified },
  'started-away': { action: 'verify', states: unverified },
  'began-away': { action: 'verify', states: unverified },
  unreadable: { action: 'refresh', states: running },
  damaged: { action: 'refresh', states: running },
  'asks-too-often': { action: 'mute', states: running },
  'declined-by-peer': { action: 'start', states: idle },
  'no-answer': { action: 'start', states: idle },
  'start-failed': { action: 'start', states: idle },
};

/** What can be done about it, if the chat is still where the event left it. */
export function toEventAction(
  event: TimelineEvent,
  state: ConversationState,
  current: boolean,
): EventAction | undefined {
  const offer = offers[event.name];
  return current && offer?.states.includes(state) === true ? offer.action : undefined;
}
