// SPDX-License-Identifier: GPL-3.0-or-later

import type { StartingView } from '#shared/model/conversation.ts';
import type {
  EventItem,
  MessageItem,
  TimelineEvent,
  TombstoneItem,
} from '#shared/model/timeline.ts';
import type { Thread } from '../../ui/state-look.ts';

/** Above the line is on the record, below it is not. */
export type Room = 'above' | 'below';

/** What the tab at the line says. */
export type LineWords =
  | { readonly name: 'starting' }
  | {
      readonly name: 'from' | 'ended' | 'ended-by-us' | 'ended-by-peer' | 'expired';
      readonly at: number;
    };

interface Placed {
  readonly key: string;
  readonly room: Room;
  readonly thread: Thread;
}

export interface DayRow extends Placed {
  readonly kind: 'day';
  readonly at: number;
}

export interface MessageRow extends Placed {
  readonly kind: 'message';
  readonly item: MessageItem;
  /** The other side spoke last: more air above. */
  readonly gap: boolean;
}

export interface EventRow extends Placed {
  readonly kind: 'event';
  readonly item: EventItem;
  /** Its action makes sense now: only at the newest event of its kind. */
  readonly current: boolean;
}

/** More than three lines within a minute, folded into one. */
export interface EventsRow extends Placed {
  readonly kind: 'events';
  readonly items: readonly EventItem[];
}

export interface TombstoneRow extends Placed {
  readonly kind: 'tombstone';
  readonly item: TombstoneItem;
}

export interface LineRow extends Placed {
  readonly kind: 'line';
  readonly edge: 'start' | 'end';
  readonly words: LineWords;
}

/** "Waiting for Bob to accept", with its seconds. */
export interface WaitingRow extends Placed {
  readonly kind: 'waiting';
  readonly by: StartingView['by'];
  readonly since: number;
}

export type TimelineRow =
  DayRow | MessageRow | EventRow | EventsRow | TombstoneRow | LineRow | WaitingRow;

export type EventName = TimelineEvent['name'];
