// SPDX-License-Identifier: GPL-3.0-or-later

import type { BareJid } from '#shared/model/jid.ts';
import type { WirePresence } from '#main/xmpp/wire.ts';
import { applyPresence } from './presence.ts';
import type { Threads } from './threads.ts';

/** Devices of one contact in one batch; whoever names more is read in several. */
const MAX_DEVICES = 64;

/** What is still to be taken note of: for each device that it went, that it came, or one after the other. */
interface Batch {
  readonly presences: Map<string, readonly WirePresence[]>;
  readonly taken: Promise<void>;
}

/**
 * A contact's presence may change faster than anybody can look. What comes before the conversation has
 * its turn is one batch: of each device only what it has come to, and whether it was gone in between,
 * because then its session is a new one.
 */
export class PresenceGathering {
  readonly #threads: Threads;
  readonly #open = new Map<BareJid, Batch>();

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  add(presence: WirePresence): Promise<void> {
    const { bare, full } = presence.from;
    const batch = this.#open.get(bare) ?? this.#begin(bare);
    if (full === undefined) return batch.taken;
    const before = batch.presences.get(full) ?? [];
    const went = presence.available ? before.filter(({ available }) => !available) : [];
    batch.presences.delete(full);
    batch.presences.set(full, [...went.slice(0, 1), presence]);
    if (batch.presences.size >= MAX_DEVICES) this.#open.delete(bare);
    return batch.taken;
  }

  /** Something else follows: what comes later must not be taken for earlier. */
  close(): void {
    this.#open.clear();
  }

  #begin(bare: BareJid): Batch {
    const presences: Batch['presences'] = new Map();
    const end = (): void => {
      if (this.#open.get(bare)?.presences === presences) this.#open.delete(bare);
    };
    const taken = this.#threads
      .takeOf(bare, (world, turn) => {
        end();
        for (const presence of [...presences.values()].flat()) applyPresence(world, turn, presence);
      })
      .finally(end);
    const batch: Batch = { presences, taken };
    this.#open.set(bare, batch);
    return batch;
  }
}
