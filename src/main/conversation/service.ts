// SPDX-License-Identifier: GPL-3.0-or-later

import { reconfigure } from '#otr';
import type { DeviceChange } from '#shared/ipc/contract.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ContactView } from '#shared/model/contact.ts';
import type { ConversationView, OpenChats } from '#shared/model/conversation.ts';
import type { ConversationId, ItemId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { CodeReading } from '#shared/model/link.ts';
import type { Rules, SendTo } from '#shared/model/rules.ts';
import type { TimelineItem } from '#shared/model/timeline.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { readCode } from './code-reading.ts';
import { accept, cancel, decline, setRules, start } from './commands.ts';
import { toContactView } from './contact-view.ts';
import { parseTag } from './choices.ts';
import { changeDevice, setSendTo } from './device-commands.ts';
import {
  clear,
  clearNow,
  end,
  endLive,
  endLiveSessions,
  endSessions,
  writeUnencrypted,
} from './ending.ts';
import { historyPage, type PageOf } from './history.ts';
import { ListFetching } from './list-fetching.ts';
import { OfflineStarts } from './offline-starts.ts';
import { markRead } from './keep.ts';
import { toOpenChats } from './open-chats.ts';
import { discardHeld, post, resend } from './outbox.ts';
import type { World } from './ports.ts';
import { isAccepted, rulesOf } from './rules.ts';
import { toStoredItem } from './stored-item.ts';
import type { Thread } from './thread.ts';
import { Threads } from './threads.ts';
import type { Turn } from './turn.ts';
import { sayTyping } from './typing.ts';
import * as verification from './verification.ts';
import { toConversationView } from './views.ts';
import { WireEvents } from './wire-events.ts';

const SEARCH_LIMIT = 100;

/** Tells the account's side what only conversations notice. */
export interface ConversationListener {
  /** Somebody who is not a contact wrote something readable. */
  readonly requestsChanged: () => void;
}

/** All conversations of one account. Every change goes through the queue of its conversation. */
export class ConversationService {
  readonly #world: World;
  readonly #threads: Threads;
  readonly #wireEvents: WireEvents;
  readonly #lists: ListFetching;

  constructor(world: World, listener: ConversationListener) {
    this.#world = world;
    this.#threads = new Threads(world);
    this.#lists = new ListFetching(this.#threads);
    const offlineStarts = new OfflineStarts(this.#threads);
    this.#threads.afterTurn = offlineStarts.consider;
    this.#wireEvents = new WireEvents(this.#threads, listener.requestsChanged);
  }

  /** Something the network told. Returns when the conversations have taken note of it. */
  readonly hear = (event: WireEvent): Promise<void> => this.#wireEvents.hear(event);

  contacts(): readonly ContactView[] {
    return this.#world.store.contacts.list(this.#world.account).flatMap(({ id }) => {
      const thread = this.#threads.get(id);
      const view = toContactView(
        this.#world,
        thread.chat,
        this.#view(thread),
        thread.timeline.all(),
      );
      return view === undefined ? [] : [view];
    });
  }

  view(id: ConversationId): ConversationView {
    return this.#view(this.#threads.get(id));
  }

  /** It is on the screen from now on. */
  open(id: ConversationId): ConversationView {
    this.#lists.onOpen(id);
    return this.view(id);
  }

  /** What the user decides about one device of the contact. */
  changeDevice(id: ConversationId, tag: string, change: DeviceChange): Promise<void> {
    return this.#take(id, (world, turn) => {
      changeDevice(world, turn, parseTag(tag), change);
    });
  }

  /** Which devices get messages; with `chosen` the one with this tag. */
  setSendTo(id: ConversationId, rule: SendTo, tag?: string): Promise<void> {
    if (rule === 'chosen' && tag === undefined) {
      return Promise.reject(new AppFailure('input-invalid'));
    }
    return this.#take(id, (world, turn) => {
      const chosen = { rule: 'chosen', tag: parseTag(tag ?? '') } as const;
      setSendTo(world, turn, rule === 'chosen' ? chosen : { rule });
    });
  }

  history(page: PageOf): readonly TimelineItem[] {
    return historyPage(this.#world, this.#threads.get(page.id).timeline, page);
  }

  /** Plain messages only: off-the-record text is in no index (guide R-14). */
  search(text: string): readonly TimelineItem[] {
    return this.#world.store.messages
      .search({
        account: this.#world.account,
        conversation: undefined,
        query: text,
        before: undefined,
        limit: SEARCH_LIMIT,
      })
      .map(toStoredItem);
  }

  async send(id: ConversationId, text: string, stateToken: string): Promise<ItemId> {
    await this.#lists.beforeSending(id);
    const posted = await this.#take(id, (world, turn) => post(world, turn, text, stateToken));
    if (posted.id === undefined) throw new TypeError('a message was posted without a name');
    return posted.id;
  }

  async resend(id: ConversationId, item: ItemId): Promise<void> {
    await this.#lists.beforeSending(id);
    return this.#take(id, (world, turn) => {
      resend(world, turn, item);
    });
  }

  /** The user types, or has stopped. */
  sayTyping(id: ConversationId, isTyping: boolean): Promise<void> {
    return this.#take(id, (world, turn) => {
      sayTyping(world, turn, isTyping);
    });
  }

  discardHeld(id: ConversationId, item: ItemId): Promise<string> {
    return this.#take(id, (_world, turn) => discardHeld(turn, item));
  }

  start(id: ConversationId): Promise<void> {
    return this.#take(id, start);
  }

  accept(id: ConversationId): Promise<void> {
    return this.#take(id, accept);
  }

  decline(id: ConversationId): Promise<void> {
    return this.#take(id, decline);
  }

  cancel(id: ConversationId): Promise<void> {
    return this.#take(id, cancel);
  }

  end(id: ConversationId): Promise<void> {
    return this.#take(id, end);
  }

  clear(id: ConversationId): Promise<void> {
    return this.#take(id, clear);
  }

  async clearAll(): Promise<void> {
    await this.#threads.takeAll(clearNow);
  }

  writeUnencrypted(id: ConversationId): Promise<void> {
    return this.#take(id, writeUnencrypted);
  }

  acceptKey(id: ConversationId): Promise<void> {
    return this.#take(id, verification.acceptKey);
  }

  setRules(id: ConversationId, rules: Rules): Promise<void> {
    return this.#take(id, (world, turn) => {
      setRules(world, turn, rules);
    });
  }

  async markRead(id: ConversationId): Promise<void> {
    this.#world.withdrawAnnouncement(id);
    await this.#take(id, (world, turn) => {
      turn.write((tx) => {
        world.store.messages.markRead(tx, id);
      });
      turn.set({ unread: 0 });
      markRead(turn, rulesOf(world, world.store.contacts.get(id)).keep);
    });
  }

  /** @param tag of the device to ask; without it the one that gets messages */
  ask(id: ConversationId, question: verification.Question, tag?: string): Promise<void> {
    return this.#take(id, (world, turn) => {
      verification.ask(world, turn, question, tag);
    });
  }

  answer(id: ConversationId, secret: string): Promise<void> {
    return this.#take(id, (world, turn) => {
      verification.answer(world, turn, secret);
    });
  }

  cancelVerification(id: ConversationId): Promise<void> {
    return this.#take(id, verification.cancel);
  }

  muteVerification(id: ConversationId): Promise<void> {
    return this.#take(id, verification.mute);
  }

  dismissVerification(id: ConversationId): Promise<void> {
    return this.#take(id, (_world, turn) => {
      verification.dismiss(turn);
    });
  }

  compared(id: ConversationId, tag: string, result: 'match' | 'different'): Promise<void> {
    return this.#take(id, (world, turn) => {
      verification.compared(world, turn, tag, result);
    });
  }

  /** What a code from elsewhere says about this device. Changes nothing. */
  readCode(id: ConversationId, tag: string, text: string): CodeReading {
    const { jid: peer, devices } = this.view(id);
    const ours = { jid: this.#world.ourJid, hex: this.#world.ownKeys()?.code.hex };
    return readCode({ peer, devices, ours }, tag, text);
  }

  removeVerification(id: ConversationId, tag: string): Promise<void> {
    return this.#take(id, (world, turn) => {
      verification.removeVerification(world, turn, tag);
    });
  }

  /** What the roster or the settings say has changed; the views follow. */
  async refreshViews(peer?: BareJid): Promise<void> {
    if (peer !== undefined) {
      await this.#threads.takeOf(peer, () => undefined);
      return;
    }
    const accepted = this.#world.store.contacts.list(this.#world.account).filter(isAccepted);
    await Promise.all(accepted.map(({ id }) => this.#threads.take(id, () => undefined)));
  }

  /**
   * Our keys are there, or have a new profile. Sessions only borrow them; those that outlive the program
   * are taken up again.
   */
  async renewIdentity(): Promise<void> {
    const restored = this.#threads.restore();
    await this.#threads.takeAll((world, turn) => {
      const own = world.ownKeys()?.identity;
      if (own === undefined) return;
      for (const { full, session } of turn.chat.devices.values()) {
        if (session !== undefined) turn.setDevice(full, { session: reconfigure(session, { own }) });
      }
    });
    await restored;
  }

  /** The contact is gone: the chat with them ends, and nothing of it stays. */
  async forget(id: ConversationId): Promise<void> {
    await this.#take(id, (world, turn) => {
      endSessions(world, turn);
    });
    this.#threads.drop(id);
  }

  /** What is off the record now, or about to be. */
  openChats(): OpenChats {
    return toOpenChats(this.#world, this.#threads.all());
  }

  /** Says goodbye to everyone at once; nothing happens here afterwards. Does not wait. */
  stop(): void {
    this.#wireEvents.stop();
    this.#threads.stop(endLiveSessions);
  }

  /** Before the account leaves its server: sessions do not outlive it (decision 8). */
  async endAll(): Promise<void> {
    await this.#threads.takeAll((world, turn) => {
      endLive(world, turn);
    });
  }

  /** The account talks in another mode: no session and no wish of before holds any more. */
  async forgetSessions(): Promise<void> {
    await this.#threads.takeAll((world, turn) => {
      endSessions(world, turn);
      for (const full of turn.chat.devices.keys()) turn.setDevice(full, { session: undefined });
      turn.set({ invitation: undefined, agreement: undefined, offered: false });
    });
  }

  #view(thread: Thread): ConversationView {
    return toConversationView(this.#world, thread.chat, thread.timeline.all());
  }

  #take<T>(id: ConversationId, work: (world: World, turn: Turn) => T): Promise<T> {
    if (this.#world.store.contacts.get(id) === undefined) {
      return Promise.reject(new AppFailure('conversation-unknown'));
    }
    return this.#threads.take(id, work);
  }
}
