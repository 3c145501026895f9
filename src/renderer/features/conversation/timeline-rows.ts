// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationView, StartingView } from '#shared/model/conversation.ts';
import type { EventItem, LineItem, MessageItem, TimelineItem } from '#shared/model/timeline.ts';
import type { Thread } from '../../ui/state-look.ts';
import { withHeldBelow } from './held-below.ts';
import { isSaidByLine, toEndWords } from './line-words.ts';
import { threadBeside, threadOfEvent, threadOfMessage } from './threads.ts';
import type { EventName, EventRow, LineWords, Room, TimelineRow } from './timeline-row.ts';

const MINUTE_MS = 60_000;
/** More than this many lines of Sotto's own within a minute are folded into one. */
const MOST_EVENTS = 3;

/** These must be read where they stand, however many there are. */
const neverFolded: ReadonlySet<EventName> = new Set<EventName>([
  'key-changed',
  'only-new',
  'joined',
  'send-to',
  'device-allowed',
  'device-blocked',
  'interrupted',
  'verification-mismatch',
  'verification-removed',
  'reflected',
  'started',
  'started-away',
  'began-away',
  'away-note',
  'verified',
]);

export interface TimelineSituation {
  readonly state: ConversationView['state'];
  readonly starting: ConversationView['starting'];
  /** Groups of folded events that the user opened, by row key. */
  readonly unfolded: ReadonlySet<string>;
}

/** Calendar day on this computer's clock, as a key. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Where the loaded part of the chat begins: a page may start in the middle of a room. */
function firstRoom(items: readonly TimelineItem[]): Room {
  const edge = items.find((item) => item.kind === 'line')?.edge;
  if (edge === 'start') return 'above';
  const message = items.find((item) => item.kind === 'message' && item.delivery !== 'held');
  if (message?.kind === 'message') return isFromBelow(message) ? 'below' : 'above';
  return edge === 'end' ? 'below' : 'above';
}

const isFromBelow = ({ protection, plainInside, ended }: MessageItem): boolean =>
  protection !== 'plain' || plainInside || ended;

/** For each item: does the room that it stands in have an end further down? */
function endedRooms(items: readonly TimelineItem[]): readonly boolean[] {
  const ended: boolean[] = [];
  let isEnded = false;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item?.kind === 'line') isEnded = item.edge === 'end';
    ended[index] = isEnded;
  }
  return ended;
}

/** Something began with these. */
const startNames: ReadonlySet<EventName> = new Set<EventName>([
  'started',
  'started-away',
  'began-away',
]);

/** The last start line still waits for its first key. */
function isStillStarting(items: readonly TimelineItem[], line: LineItem): boolean {
  const after = items.slice(items.indexOf(line) + 1);
  return !after.some(
    (item) =>
      (item.kind === 'event' && startNames.has(item.event.name)) ||
      (item.kind === 'message' && item.protection !== 'plain' && item.delivery !== 'held') ||
      item.kind === 'line',
  );
}

/** Index at which the texts begin that are held at the end of the chat. */
function heldTail(items: readonly TimelineItem[]): number {
  return items.findLastIndex((item) => item.kind !== 'message' || item.delivery !== 'held') + 1;
}

class RowWriter {
  readonly rows: TimelineRow[] = [];
  #room: Room;
  #live: Exclude<Thread, 'ended'> = 'none';
  #day: string | undefined;
  #lastSpeaker: MessageItem['direction'] | 'waiting' | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  day(at: number): void {
    const day = dayOf(at);
    if (day === this.#day) return;
    this.#day = day;
    this.#lastSpeaker = undefined;
    this.rows.push({ kind: 'day', key: `day-${day}`, room: this.#room, thread: 'none', at });
  }

  line(key: string, edge: 'start' | 'end', words: LineWords): void {
    this.#room = edge === 'start' ? 'below' : 'above';
    this.#live = 'none';
    this.#lastSpeaker = undefined;
    this.rows.push({ kind: 'line', key, room: 'below', thread: 'none', edge, words });
  }

  message(item: MessageItem): void {
    const gap = this.#lastSpeaker !== undefined && this.#lastSpeaker !== item.direction;
    this.rows.push({
      kind: 'message',
      key: item.id,
      room: this.#room,
      thread: threadOfMessage(item),
      item,
      gap,
    });
    this.#live = threadBeside(item, this.#live);
    this.#lastSpeaker = item.direction;
  }

  event(item: EventItem, roomEnded: boolean, current: boolean): void {
    const thread = threadOfEvent(item, this.#live, roomEnded);
    this.rows.push({ kind: 'event', key: item.id, room: this.#room, thread, item, current });
    this.#live = threadBeside(item, this.#live);
    this.#lastSpeaker = undefined;
  }

  tombstone(item: TimelineItem & { readonly kind: 'tombstone' }): void {
    this.rows.push({ kind: 'tombstone', key: item.id, room: this.#room, thread: 'none', item });
    this.#lastSpeaker = undefined;
  }

  waiting(by: StartingView['by'], since: number): void {
    this.rows.push({ kind: 'waiting', key: 'waiting', room: 'below', thread: 'none', by, since });
    this.#room = 'below';
    this.#lastSpeaker = 'waiting';
  }
}

/** Everything that the chat shows, in order: pure, so that it can be read and tested as a table. */
export function toRows(
  oldestFirst: readonly TimelineItem[],
  situation: TimelineSituation,
): readonly TimelineRow[] {
  const items = withHeldBelow(oldestFirst);
  const writer = new RowWriter(firstRoom(items));
  const ended = endedRooms(items);
  const held = heldTail(items);
  const lastStart = items.findLast((item) => item.kind === 'line' && item.edge === 'start');
  const isOpen = items.findLast((item) => item.kind === 'line')?.edge === 'start';
  const lastOf = new Map(
    items.flatMap((item) => (item.kind === 'event' ? [[item.event.name, item.id] as const] : [])),
  );

  items.forEach((item, index) => {
    if (index === held) startHere(writer, situation, isOpen);
    if (isSaidByLine(items, index)) return;
    writer.day(item.at);
    switch (item.kind) {
      case 'message':
        writer.message(item);
        break;
      case 'event':
        writer.event(item, ended[index] ?? false, lastOf.get(item.event.name) === item.id);
        break;
      case 'tombstone':
        writer.tombstone(item);
        break;
      case 'line':
        writer.line(item.id, item.edge, wordsOf(item, index));
        break;
    }
  });
  if (held >= items.length) startHere(writer, situation, isOpen);
  return foldEvents(writer.rows, situation.unfolded);

  function wordsOf(item: LineItem, index: number): LineWords {
    if (item.edge === 'end') return toEndWords(items, index, item);
    const starting =
      situation.state === 'starting' && item === lastStart && isStillStarting(items, item);
    return starting ? { name: 'starting' } : { name: 'from', at: item.at };
  }
}

/** The room dims as soon as we start: what is typed from here on cannot leave in clear. */
function startHere(writer: RowWriter, { state, starting }: TimelineSituation, isOpen: boolean) {
  if (state !== 'starting') return;
  if (!isOpen) writer.line('starting', 'start', { name: 'starting' });
  if (starting !== undefined) writer.waiting(starting.by, starting.since);
}

function foldEvents(
  rows: readonly TimelineRow[],
  unfolded: ReadonlySet<string>,
): readonly TimelineRow[] {
  const folded: TimelineRow[] = [];
  let run: EventRow[] = [];
  const flush = (): void => {
    folded.push(...foldRun(run, unfolded));
    run = [];
  };
  for (const row of rows) {
    if (row.kind === 'event' && !neverFolded.has(row.item.event.name)) {
      const first = run[0];
      if (first !== undefined && row.item.at - first.item.at > MINUTE_MS) flush();
      run.push(row);
    } else {
      flush();
      folded.push(row);
    }
  }
  flush();
  return folded;
}

function foldRun(run: readonly EventRow[], unfolded: ReadonlySet<string>): readonly TimelineRow[] {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined || run.length <= MOST_EVENTS) return run;
  const key = `events-${first.key}`;
  if (unfolded.has(key)) return run;
  const items = run.slice(0, -1).map(({ item }) => item);
  return [{ kind: 'events', key, room: first.room, thread: first.thread, items }, last];
}
