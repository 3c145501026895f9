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

const joined = (verified: boolean, device: string): EventWords =>
  about(verified ? 'joined-verified' : 'joined-unverified', device);

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
    case 'joined':
      return joined(event.verified, event.device);
    case 'send-to':
      return about(`send-to-${event.rule}`, event.device ?? '');
    case 'unreadable':
      return { key: event.name, count: event.count };
    default:
      return 'device' in event ? about(event.name, event.device) : { key: event.name };
  }
}

/** The shape before the words, when trust changed. */
export function toEventShape(event: TimelineEvent): StateName | undefined {
  switch (event.name) {
    case 'verified':
      return 'verified';
    case 'started':
    case 'joined':
      return event.verified ? 'verified' : undefined;
    case 'only-new':
      return 'key-changed';
    case 'verification-removed':
      return 'unverified';
    case 'key-changed':
      return 'key-changed';
    case 'interrupted':
      return 'interrupted';
    default:
      return undefined;
  }
}

export type EventAction = 'verify' | 'refresh' | 'start' | 'mute';

interface Offer {
  readonly action: EventAction;
  /** The states in which it still makes sense. */
  readonly states: readonly ConversationState[];
}

const running = ['unverified', 'verified', 'mixed'] as const;
const idle = ['plain', 'plain-available', 'not-started'] as const;

const offers: Readonly<Partial<Record<TimelineEvent['name'], Offer>>> = {
  started: { action: 'verify', states: ['unverified'] },
  refreshed: { action: 'verify', states: ['unverified'] },
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
