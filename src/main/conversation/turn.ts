// SPDX-License-Identifier: GPL-3.0-or-later

import type { SessionInput } from '#otr';
import type { Secret } from '#otr/crypto/secret.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { FullJid } from '#shared/model/jid.ts';
import type { TimelineEvent, TimelineItem } from '#shared/model/timeline.ts';
import type { MessageId } from '#main/store/rows.ts';
import type { Tx } from '#main/store/unit-of-work.ts';
import type { ChatState, OutgoingChat, OutgoingOtr } from '#main/xmpp/wire.ts';
import { type Chat, type Device, emptyDevice } from './chat.ts';
import { type Entry, entryOf, type MemoryTimeline } from './timeline.ts';

/** What is known of the stanza that a body came in. */
export interface Arrival {
  readonly id: string | undefined;
  /** A server has kept it since then. */
  readonly delayedAt: number | undefined;
}

/** Whether whoever sent it is there now. */
export const isHere = (arrival: Arrival | undefined): boolean => arrival?.delayedAt === undefined;

/** One text on its way to one device, by its instance tag. */
export interface Carried {
  readonly item: ItemId;
  readonly device: string;
}

export type Transmission =
  | { readonly tag: 'chat'; readonly message: OutgoingChat; readonly row: MessageId }
  /** `carries`: the text in it, when there is one, and the device that it is for. */
  | { readonly tag: 'otr'; readonly message: OutgoingOtr; readonly carries: Carried | undefined }
  | { readonly tag: 'receipt'; readonly to: FullJid; readonly forId: string }
  | { readonly tag: 'chat-state'; readonly to: FullJid; readonly state: ChatState };

interface Step {
  readonly full: FullJid;
  readonly input: SessionInput;
  /** Of the message that it follows from. */
  readonly arrival: Arrival | undefined;
}

/** Names new items of memory; shared by all conversations. */
export type NextItemId = () => ItemId;

/**
 * What one input leads to, gathered before any of it happens. Throwing half way through leaves
 * everything as it was: only `commit` performs it.
 */
export class Turn {
  chat: Chat;
  readonly now: number;
  readonly writes: ((tx: Tx) => void)[] = [];
  readonly transmissions: Transmission[] = [];
  /** Stored items to publish; those of memory are published with `changed`. */
  readonly shown: TimelineItem[] = [];
  readonly changed = new Map<ItemId, Entry>();
  readonly removed = new Set<ItemId>();
  readonly retired: Secret[] = [];
  /** What others are to hear of once it is committed. */
  readonly follow: (() => void)[] = [];
  /** Whether the user has something new to read. */
  news: 'plain' | 'off-the-record' | undefined;
  /** Steps that follow from this one, in order; `advance` takes them. */
  readonly steps: Step[] = [];
  readonly #timeline: MemoryTimeline;
  readonly #nextItemId: NextItemId;

  constructor(chat: Chat, timeline: MemoryTimeline, nextItemId: NextItemId, now: number) {
    this.chat = chat;
    this.#timeline = timeline;
    this.#nextItemId = nextItemId;
    this.now = now;
  }

  set(change: Partial<Chat>): void {
    this.chat = { ...this.chat, ...change };
  }

  device(full: FullJid): Device {
    return this.chat.devices.get(full) ?? emptyDevice(full);
  }

  setDevice(full: FullJid, change: Partial<Device>): void {
    const devices = new Map(this.chat.devices);
    devices.set(full, { ...this.device(full), ...change });
    this.set({ devices });
  }

  stepLater(full: FullJid, input: SessionInput, arrival?: Arrival): void {
    this.steps.push({ full, input, arrival });
  }

  write(work: (tx: Tx) => void): void {
    this.writes.push(work);
  }

  newItemId(): ItemId {
    return this.#nextItemId();
  }

  put(entry: Entry): void {
    this.changed.set(entry.item.id, entry);
    this.removed.delete(entry.item.id);
  }

  remove(id: ItemId): void {
    this.changed.delete(id);
    this.removed.add(id);
  }

  entry(id: ItemId): Entry | undefined {
    return this.removed.has(id) ? undefined : (this.changed.get(id) ?? this.#timeline.get(id));
  }

  /** As they will be after this turn. */
  entries(): readonly Entry[] {
    const known = this.#timeline
      .all()
      .filter(({ item }) => !this.removed.has(item.id))
      .map((entry) => this.changed.get(entry.item.id) ?? entry);
    const added = [...this.changed.values()].filter(({ item }) => !this.#timeline.get(item.id));
    return [...known, ...added];
  }

  /** Changes a message of memory, if it is still there. */
  edit(id: ItemId, change: Partial<Extract<TimelineItem, { readonly kind: 'message' }>>): void {
    const entry = this.entry(id);
    if (entry?.item.kind === 'message') this.put({ ...entry, item: { ...entry.item, ...change } });
  }

  /** A line Sotto itself writes into the chat. */
  tell(event: TimelineEvent): ItemId {
    const id = this.newItemId();
    const { id: conversationId } = this.chat;
    this.put(entryOf({ kind: 'event', id, conversationId, at: this.now, event }));
    return id;
  }

  /** `tell`, unless the same kind of line was written less than `pauseMs` ago. */
  tellOnce(event: TimelineEvent, pauseMs: number, monotonicNow: number): void {
    if (monotonicNow < (this.chat.quiet.get(event.name) ?? -Infinity)) return;
    this.set({ quiet: new Map(this.chat.quiet).set(event.name, monotonicNow + pauseMs) });
    this.tell(event);
  }
}
