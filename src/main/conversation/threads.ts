// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import { emptyChat } from './chat.ts';
import { commit } from './commit.ts';
import { Deliveries } from './deliveries.ts';
import { deriveTurn, factsOf } from './facts.ts';
import { dropFragments, findOverfull } from './fragment-room.ts';
import { flushHeld, flushWaiting } from './encrypting.ts';
import { findMissing, invite } from './invite-missing.ts';
import type { World } from './ports.ts';
import { TurnQueue } from './queue.ts';
import { waitingMessages } from './recipients.ts';
import { isAccepted } from './rules.ts';
import { Sealing } from './sealing.ts';
import { beginTurn, type Shared, type Thread } from './thread.ts';
import { MemoryTimeline } from './timeline.ts';
import { applyTick, nextDelayMs } from './timers.ts';
import type { Turn } from './turn.ts';
import { nameOf, publishViews } from './views.ts';

/** Longest that the window waits for the state of a chat in which more and more happens. */
const TELL_AFTER_MS = 100;

type Work<T> = (world: World, turn: Turn) => T;

/** The conversations that are in memory, and the only way to change one. */
export class Threads {
  readonly shared: Shared;
  readonly #world: World;
  readonly #threads = new Map<ConversationId, Thread>();
  #stopped = false;
  /** Hears of each turn once it is committed. */
  afterTurn: (thread: Thread) => void = () => undefined;

  constructor(world: World) {
    let counter = 0;
    this.#world = world;
    this.shared = {
      world,
      deliveries: new Deliveries(),
      nextItemId: () => `m${String((counter += 1))}` as ItemId,
      sealing: new Sealing(world),
      acknowledges: false,
    };
  }

  /** Everyone has been told goodbye: nothing is heard or done any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** For what nobody waits for. Once stopped every turn is refused, which is no failure. */
  readonly noteFailed = (cause: unknown): void => {
    if (!this.#stopped) this.#world.note('turn-failed', cause);
  };

  get(id: ConversationId): Thread {
    const known = this.#threads.get(id);
    if (known !== undefined) return known;
    const contact = this.#world.store.contacts.get(id);
    if (contact === undefined) throw new AppFailure('conversation-unknown');
    const thread: Thread = {
      chat: { ...emptyChat(id, contact.jid), presenceSince: this.#world.clock.monotonicNow() },
      timeline: new MemoryTimeline(),
      queue: new TurnQueue(this.#world.defer),
      cancelTimer: () => undefined,
      published: { conversation: '', contact: '' },
      untold: false,
      news: undefined,
      toldAt: -Infinity,
    };
    this.#threads.set(id, thread);
    return thread;
  }

  drop(id: ConversationId): void {
    this.#threads.get(id)?.cancelTimer();
    this.#threads.delete(id);
  }

  /** One turn of this conversation, after those that were asked for before. */
  take<T>(id: ConversationId, work: Work<T>): Promise<T> {
    const thread = this.get(id);
    return thread.queue.run(() => this.#turn(thread, work));
  }

  /** Of the contact with this address; nothing for anyone else. */
  async takeOf(peer: BareJid, work: Work<void>): Promise<void> {
    const contact = this.#world.store.contacts.byJid(this.#world.account, peer);
    if (isAccepted(contact)) await this.take(contact.id, work);
  }

  /** Sessions that outlived the program are taken up, of everybody we talk with. */
  async restore(): Promise<void> {
    const { sealing } = this.shared;
    await Promise.all(
      sealing.peers().map((peer) =>
        this.takeOf(peer, (_, turn) => {
          sealing.restore(turn);
        }),
      ),
    );
  }

  all(): readonly Thread[] {
    return [...this.#threads.values()];
  }

  async takeAll(work: Work<void>): Promise<void> {
    await Promise.all([...this.#threads.keys()].map((id) => this.take(id, work)));
  }

  /** The last turn of everyone, now: what waits in the queues is not waited for. */
  stop(work: Work<void>): void {
    for (const thread of this.#threads.values()) {
      thread.cancelTimer();
      if (this.#stopped) continue;
      this.#perform(thread, work);
      this.#publish(thread);
    }
    this.#stopped = true;
    this.shared.sealing.stop();
  }

  #turn<T>(thread: Thread, work: Work<T>): T {
    if (this.#stopped) throw new AppFailure('not-connected');
    try {
      const result = this.#perform(thread, work);
      this.#makeRoom();
      this.#settle(thread);
      this.#orderTimer(thread);
      this.afterTurn(thread);
      return result;
    } finally {
      this.#tell(thread);
    }
  }

  /** In a flood the window hears of what has come of it, not of each step. */
  #tell(thread: Thread): void {
    const now = this.#world.clock.monotonicNow();
    const isDue = thread.queue.isIdle || now - thread.toldAt >= TELL_AFTER_MS;
    if (!thread.untold || !isDue) return;
    thread.toldAt = now;
    this.#publish(thread);
  }

  #publish(thread: Thread): void {
    const { news, chat } = thread;
    thread.untold = false;
    thread.news = undefined;
    publishViews(this.shared, thread);
    if (news === undefined) return;
    const name = nameOf(chat, this.#world.store.contacts.get(chat.id));
    this.#world.announce({ kind: news, id: chat.id, name });
  }

  #perform<T>(thread: Thread, work: Work<T>): T {
    const turn = beginTurn(this.shared, thread);
    const result = work(this.#world, turn);
    commit(this.shared, thread, turn);
    return result;
  }

  #makeRoom(): void {
    const overfull = findOverfull([...this.#threads.values()].map(({ chat }) => chat));
    if (overfull === undefined) return;
    const thread = this.get(overfull);
    this.#perform(thread, (_, turn) => {
      dropFragments(turn);
    });
    this.#tell(thread);
  }

  /** Whatever this turn made possible for text that was held happens before anyone's next. */
  #settle(thread: Thread): void {
    const missing = findMissing(this.#world, thread.chat);
    if (missing !== undefined) {
      this.#perform(thread, (world, turn) => {
        invite(world, turn, missing);
      });
    }
    const entries = thread.timeline.all();
    const { live, held } = factsOf(this.#world, thread.chat, entries);
    if (live === 'none' || (held === 0 && waitingMessages(entries).length === 0)) return;
    this.#perform(thread, (world, turn) => {
      if (deriveTurn(world, turn).composer !== 'send') return;
      flushWaiting(world, turn);
      flushHeld(world, turn);
    });
  }

  #orderTimer(thread: Thread): void {
    thread.cancelTimer();
    const delayMs = nextDelayMs(this.#world, thread.chat, thread.timeline.all());
    if (delayMs === undefined) {
      thread.cancelTimer = () => undefined;
      return;
    }
    thread.cancelTimer = this.#world.clock.after(delayMs, () => {
      this.take(thread.chat.id, applyTick).catch(this.noteFailed);
    });
  }
}
