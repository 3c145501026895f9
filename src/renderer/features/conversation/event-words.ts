// SPDX-License-Identifier: GPL-3.0-or-later

import type { TimelineEvent } from '#shared/model/timeline.ts';
import { isolate } from '../../stores/names.ts';
import type { StateName } from '../../ui/state-look.ts';

export interface EventWords {
  /** Under `conversation.event`. */
  readonly key: string;
  readonly device?: string;
  readonly method?: 'question' | 'secret' | 'code' | 'compare';
  readonly count?: number;
}

const started = (verified: boolean, device: string): EventWords =>
  verified ? { key: 'started-verified', device: isolate(device) } : { key: 'started-unverified' };

/** Which sentence says it. Local, never sent. */
export function toEventWords(event: TimelineEvent): EventWords {
  switch (event.name) {
    case 'started':
      return started(event.verified, event.device);
    case 'refreshed':
      return { key: event.verified ? 'refreshed-verified' : 'refreshed-unverified' };
    case 'ended-by-us':
      return event.removed === 0
        ? { key: 'ended-by-us-empty' }
        : { key: 'ended-by-us', count: event.removed };
    case 'verified':
      return { key: event.name, device: isolate(event.device), method: event.method };
    case 'verification-removed':
    case 'key-changed':
      return { key: event.name, device: isolate(event.device) };
    case 'unreadable':
      return { key: event.name, count: event.count };
    default:
      return { key: event.name };
  }
}

/** The shape before the words, when trust changed. */
export function toEventShape(event: TimelineEvent): StateName | undefined {
  switch (event.name) {
    case 'verified':
      return 'verified';
    case 'started':
      return event.verified ? 'verified' : undefined;
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

export type EventAction = 'verify' | 'refresh' | 'start';

/** What can be done about it, if the chat is still where the event left it. */
export function toEventAction(
  event: TimelineEvent,
  state: string,
  current: boolean,
): EventAction | undefined {
  if (!current) return undefined;
  switch (event.name) {
    case 'started':
    case 'refreshed':
      return state === 'unverified' && !event.verified ? 'verify' : undefined;
    case 'unreadable':
    case 'damaged':
      return state === 'unverified' || state === 'verified' ? 'refresh' : undefined;
    case 'declined-by-peer':
    case 'no-answer':
    case 'start-failed':
      return state === 'plain' || state === 'plain-available' ? 'start' : undefined;
    default:
      return undefined;
  }
}
