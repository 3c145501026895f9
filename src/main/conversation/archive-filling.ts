// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsOffline } from '#otr';
import type { ArchiveMark } from '#main/store/rows.ts';
import type { FetchedArchive } from '#main/xmpp/client.ts';
import type { ArchiveStart, WireMessage } from '#main/xmpp/wire.ts';
import { applyArchived } from './archived.ts';
import type { World } from './ports.ts';
import type { Threads } from './threads.ts';

/** Taken over after one login; the rest waits for the next, so that nobody can keep us busy for ever. */
const MAX_MESSAGES = 12_000;
/** How long after a message its place in the archive is written down. */
const SAVE_AFTER_MS = 2000;

type Page = Extract<FetchedArchive, { readonly tag: 'page' }>;

const NEWEST: ArchiveStart = { tag: 'newest' };

/** Where to go on. Of an account that is new here only the newest page is taken. */
function nextStart(
  start: ArchiveStart,
  fetched: FetchedArchive,
  mark: ArchiveMark | undefined,
): ArchiveStart | 'end' | 'failed' {
  if (fetched.tag === 'gone') {
    // It has been deleted there: from its time on, then.
    return start.tag === 'after' && mark !== undefined ? { tag: 'since', at: mark.at } : 'failed';
  }
  if (fetched.tag !== 'page') return 'failed';
  const { isEnd, last } = fetched;
  return isEnd || start.tag === 'newest' || last === undefined ? 'end' : { tag: 'after', id: last };
}

/**
 * Fills the history up with what other devices sent and got while this one was away, and keeps track of
 * how far that has been done. The mark never goes past a message that is not stored: what is fetched
 * twice is known again, what is not fetched is lost.
 */
export class ArchiveFilling {
  readonly #threads: Threads;
  readonly #world: World;
  /** Counts sessions, so that what a former one set in motion is recognised. */
  #session = 0;
  #filled = false;
  /** Messages that came at once: how many are not stored yet, and the newest of them. */
  #underWay = 0;
  #newest: ArchiveMark | undefined;
  #cancelSaving: (() => void) | undefined;

  constructor(threads: Threads) {
    this.#threads = threads;
    this.#world = threads.shared.world;
  }

  /** A new session stands. Returns when everything is filled up, or cannot be. */
  async fill(): Promise<void> {
    this.#session += 1;
    this.#filled = false;
    // Where both have to be here, nothing that was kept is for us.
    if (!permitsOffline(this.#world.mode())) return;
    const session = this.#session;
    const mark = this.#world.store.accounts.loadArchiveMark(this.#world.account);
    let start: ArchiveStart = mark === undefined ? NEWEST : { tag: 'after', id: mark.id };
    for (let taken = 0; taken < MAX_MESSAGES;) {
      const fetched = await this.#world.wire.fetchArchive(start);
      if (this.#isOver(session)) return;
      if (fetched.tag === 'page') await this.#take(fetched, mark === undefined);
      if (this.#isOver(session)) return;
      const next = nextStart(start, fetched, mark);
      if (next === 'end') this.#finish();
      if (typeof next === 'string') return;
      taken += fetched.tag === 'page' ? Math.max(1, fetched.messages.length) : 0;
      start = next;
    }
  }

  /** A message that came at once is being looked at. The returned function: it has been stored. */
  begin({ stanzaId, delayedAt }: WireMessage): (isStored: boolean) => void {
    const session = this.#session;
    this.#underWay += 1;
    if (stanzaId !== undefined) {
      this.#newest = { id: stanzaId, at: delayedAt ?? this.#world.clock.now() };
    }
    return (isStored) => {
      this.#underWay -= 1;
      // Fetched once more with the next session.
      if (!isStored && session === this.#session) this.#filled = false;
      this.#saveLater();
    };
  }

  /** Before everything ends. */
  stop(): void {
    this.#cancelSaving?.();
    this.#save();
  }

  #isOver(session: number): boolean {
    return session !== this.#session || this.#threads.isStopped;
  }

  #finish(): void {
    this.#newest = undefined;
    this.#filled = true;
  }

  async #take({ messages, last }: Page, isFirst: boolean): Promise<void> {
    const own = this.#world.ourJid;
    const peerOf = ({ carbon, from, to }: WireMessage) => (carbon === 'sent' ? to : from).bare;
    const byPeer = Map.groupBy(messages, peerOf);
    byPeer.delete(own);
    await Promise.all(
      [...byPeer].map(([peer, those]) =>
        this.#threads.takeOf(peer, (world, turn) => {
          applyArchived(world, turn, those, isFirst);
        }),
      ),
    );
    const at = messages.at(-1)?.delayedAt ?? this.#world.clock.now();
    if (last !== undefined) this.#write({ id: last, at });
  }

  #saveLater(): void {
    if (this.#newest === undefined || this.#cancelSaving !== undefined) return;
    this.#cancelSaving = this.#world.clock.after(SAVE_AFTER_MS, () => {
      this.#cancelSaving = undefined;
      if (this.#underWay > 0) this.#saveLater();
      else this.#save();
    });
  }

  #save(): void {
    if (!this.#filled || this.#underWay > 0 || this.#newest === undefined) return;
    this.#write(this.#newest);
    this.#newest = undefined;
  }

  #write(mark: ArchiveMark): void {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      store.accounts.saveArchiveMark(tx, account, mark);
    });
  }
}
