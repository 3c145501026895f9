// SPDX-License-Identifier: GPL-3.0-or-later

import type {
  EventItem,
  MessageItem,
  TimelineEvent,
  TimelineItem,
} from '#shared/model/timeline.ts';
import type { Thread } from '../../ui/state-look.ts';

type LiveThread = Exclude<Thread, 'ended'>;

const ofTrust = (verified: boolean): LiveThread => (verified ? 'solid' : 'dotted');

/** After these nothing is said until something else happens. */
const cutting: ReadonlySet<TimelineEvent['name']> = new Set<TimelineEvent['name']>([
  'key-changed',
  'only-new',
  'interrupted',
  'expired',
  'ended-by-us',
  'ended-by-peer',
]);

/** What an event makes of the thread beside it; `undefined`: it goes on as it was. */
export function threadAfter(event: TimelineEvent): LiveThread | undefined {
  switch (event.name) {
    case 'started':
    case 'started-away':
    case 'began-away':
    case 'continued-live':
    case 'refreshed':
      return ofTrust(event.verified);
    case 'verified':
      return 'solid';
    case 'verification-removed':
      return 'dotted';
    default:
      return cutting.has(event.name) ? 'none' : undefined;
  }
}

const wasSent = ({ delivery }: MessageItem): boolean =>
  delivery !== 'held' && delivery !== 'failed';

/** Beside a message that could not be encrypted or sent there is no thread. */
export function threadOfMessage(item: MessageItem): Thread {
  if (item.protection === 'plain' || item.plainInside || !wasSent(item)) return 'none';
  return item.ended ? 'ended' : ofTrust(item.protection === 'verified');
}

/** Follows the thread down the chat. */
export function threadBeside(item: TimelineItem, live: LiveThread): LiveThread {
  switch (item.kind) {
    case 'event':
      return threadAfter(item.event) ?? live;
    case 'message': {
      const own = threadOfMessage(item);
      return own === 'none' || own === 'ended' ? live : own;
    }
    case 'line':
    case 'tombstone':
      return 'none';
  }
}

export const threadOfEvent = (item: EventItem, live: LiveThread, ended: boolean): Thread => {
  const thread = threadAfter(item.event) ?? live;
  return ended && thread !== 'none' ? 'ended' : thread;
};
