// SPDX-License-Identifier: GPL-3.0-or-later

import type { ItemId } from '#shared/model/ids.ts';
import type { TimelineItem } from '#shared/model/timeline.ts';

/** One item that lives in memory only, with what the window need not know. */
export interface Entry {
  readonly item: TimelineItem;
  /** When its keep timer started: read, or sent. */
  readonly readAt: number | undefined;
}

export const entryOf = (item: TimelineItem): Entry => ({ item, readAt: undefined });

/** A message that End would remove: whatever has been typed or said, apart from what still waits. */
export const isOffTheRecord = ({ item }: Entry): boolean =>
  item.kind === 'message' && item.delivery !== 'held';

/** The items of one conversation that never reach the disk (ux I-10), oldest first. */
export class MemoryTimeline {
  readonly #entries = new Map<ItemId, Entry>();
  /** The entries as a list, until they change. */
  #list: readonly Entry[] | undefined;

  get(id: ItemId): Entry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly Entry[] {
    this.#list ??= [...this.#entries.values()];
    return this.#list;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** New items go to the end, known ones stay where they are. */
  apply(changed: ReadonlyMap<ItemId, Entry>, removed: ReadonlySet<ItemId>): void {
    if (changed.size + removed.size > 0) this.#list = undefined;
    for (const [id, entry] of changed) this.#entries.set(id, entry);
    for (const id of removed) this.#entries.delete(id);
  }
}
