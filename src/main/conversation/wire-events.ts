// SPDX-License-Identifier: GPL-3.0-or-later

import { type BareJid, bareOf } from '#shared/model/jid.ts';
import type { Sender, WireEvent, WireMessage } from '#main/xmpp/wire.ts';
import { ArchiveFilling } from './archive-filling.ts';
import { applyFate, confirmStored, type Fate } from './delivery.ts';
import { applyDeviceList } from './device-lists.ts';
import { advance } from './effects.ts';
import { applyMessage, readBody } from './inbox.ts';
import { resumePlain } from './plain-outbox.ts';
import { forgetPresence } from './presence.ts';
import { PresenceGathering } from './presence-gathering.ts';
import type { World } from './ports.ts';
import { isAccepted } from './rules.ts';
import { dropAttempt } from './starting.ts';
import { keepForLater } from './strangers.ts';
import type { Threads } from './threads.ts';
import { applyChatState } from './typing.ts';

/** Ids of plain messages that are remembered, to know a repetition when it comes. */
const MAX_REMEMBERED = 1000;

/** Leads what the network tells to the conversation it is about. */
export class WireEvents {
  readonly #threads: Threads;
  readonly #world: World;
  readonly #requestsChanged: () => void;
  readonly #seen = new Set<string>();
  /** Of strangers apart, so that their flood does not make us forget what contacts said. */
  readonly #seenOfStrangers = new Set<string>();
  readonly #presences: PresenceGathering;
  readonly #archive: ArchiveFilling;

  constructor(threads: Threads, requestsChanged: () => void) {
    this.#threads = threads;
    this.#world = threads.shared.world;
    this.#requestsChanged = requestsChanged;
    this.#presences = new PresenceGathering(threads);
    this.#archive = new ArchiveFilling(threads);
  }

  /** Never rejects: what cannot be taken is noted and left. */
  async hear(event: WireEvent): Promise<void> {
    try {
      await this.#lead(event);
    } catch (cause) {
      this.#threads.noteFailed(cause);
    }
  }

  async #lead(event: WireEvent): Promise<void> {
    if (event.tag === 'presence') {
      await this.#presences.add(event);
      return;
    }
    this.#presences.close();
    switch (event.tag) {
      case 'message':
        await this.#hearMessage(event);
        return;
      case 'device-list':
        await this.#threads.takeOf(event.of, (world, turn) => {
          applyDeviceList(world, turn, event.devices);
        });
        return;
      case 'session':
        await this.#hearSession(event.resumed, event.acknowledges);
        return;
      case 'connection':
        await this.#threads.takeAll(() => undefined);
        return;
      case 'chat-state':
        await this.#threads.takeOf(bareOf(event.from), (world, turn) => {
          applyChatState(world, turn, event.from, event.state);
        });
        return;
      default:
        await this.#leadAnswer(event);
    }
  }

  /** What the network tells about something that we sent. */
  async #leadAnswer(event: WireEvent): Promise<void> {
    switch (event.tag) {
      case 'acknowledged':
      case 'not-sent':
        await this.#hearFate(event.id, event.tag, undefined);
        return;
      case 'bounced':
        await this.#hearFate(event.forId, 'bounced', event.from.bare);
        await this.#hearUnreachable(event.from);
        return;
      case 'receipt':
        await this.#hearReceipt(event.forId, event.from.bare);
        return;
      default:
    }
  }

  async #hearMessage(message: WireMessage): Promise<void> {
    // Our own words that came back; what another device of ours sent comes as a carbon.
    if (message.own && message.carbon !== 'sent') return;
    const peer = message.carbon === 'sent' ? message.to.bare : message.from.bare;
    const contact = this.#world.store.contacts.byJid(this.#world.account, peer);
    if (!isAccepted(contact)) {
      if (
        !message.own &&
        this.#isNew(message, this.#seenOfStrangers) &&
        keepForLater(this.#world, message)
      ) {
        this.#requestsChanged();
      }
      return;
    }
    const body = readBody(message.body);
    if (body.tag === 'text' && !this.#isNew(message, this.#seen)) return;
    const end = this.#archive.begin(message);
    let isStored = false;
    try {
      await this.#threads.take(contact.id, (world, turn) => {
        applyMessage(world, turn, message, body);
      });
      isStored = true;
    } finally {
      end(isStored);
    }
  }

  /** Before everything ends. */
  stop(): void {
    this.#archive.stop();
  }

  /** Servers repeat messages after a lost line; their ids tell. */
  #isNew({ from, originId, id }: WireMessage, seen: Set<string>): boolean {
    const given = originId ?? id;
    if (given === undefined) return true;
    const key = `${from.bare} ${given}`;
    if (seen.has(key)) return false;
    const [oldest] = seen;
    if (oldest !== undefined && seen.size >= MAX_REMEMBERED) seen.delete(oldest);
    seen.add(key);
    return true;
  }

  async #hearSession(resumed: boolean, acknowledges: boolean): Promise<void> {
    this.#threads.shared.acknowledges = acknowledges;
    if (!resumed) {
      await this.#threads.takeAll(forgetPresence);
      await this.#resumePlain();
    }
    await this.#threads.takeAll(() => undefined);
    if (!resumed) this.#fillUp();
  }

  /** Not waited for: it may take long, and waits for the network. */
  #fillUp(): void {
    this.#archive.fill().catch(this.#threads.noteFailed);
  }

  async #resumePlain(): Promise<void> {
    const { deliveries } = this.#threads.shared;
    const waiting = this.#world.store.messages.sending(this.#world.account);
    const byConversation = Map.groupBy(waiting, ({ conversationId }) => conversationId);
    for (const [id, rows] of byConversation) {
      await this.#threads.take(id, (world, turn) => {
        resumePlain(world, turn, rows, (stanzaId) => deliveries.mayHaveLeft(stanzaId));
      });
    }
  }

  async #hearFate(stanzaId: string, fate: Fate, from: BareJid | undefined): Promise<void> {
    const underWay = this.#threads.shared.deliveries.get(stanzaId);
    if (underWay === undefined) return;
    await this.#threads.take(underWay.conversation, (world, turn) => {
      if (from === undefined || from === turn.chat.peer) applyFate(world, turn, underWay, fate);
    });
  }

  /** What we start with a device that is gone is over; what is held stays held. */
  async #hearUnreachable({ bare, full }: Sender): Promise<void> {
    await this.#threads.takeOf(bare, (world, turn) => {
      if (full === undefined || turn.chat.attempt?.full !== full) return;
      dropAttempt(world, turn, 'offline');
      advance({ world, turn }, full, { tag: 'cancel' });
    });
  }

  async #hearReceipt(forId: string, from: BareJid): Promise<void> {
    const underWay = this.#threads.shared.deliveries.get(forId);
    if (underWay !== undefined) {
      await this.#hearFate(forId, 'received', from);
      this.#threads.shared.deliveries.forget(forId);
      return;
    }
    await this.#threads.takeOf(from, (world, turn) => {
      confirmStored(world, turn, forId);
    });
  }
}
