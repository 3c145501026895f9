// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import { applyDeviceList } from './device-lists.ts';
import type { World } from './ports.ts';
import { isAccepted } from './rules.ts';
import { audienceOf, everyoneIn } from './audience.ts';
import { absentTags } from './away-plan.ts';
import type { Threads } from './threads.ts';

/** A server that does not answer must not keep a text from leaving: then the last list counts. */
const PATIENCE_MS = 5000;
/** Opening a chat again within this time asks for nothing. */
const FRESH_MS = 30_000;

/** Asks servers for lists of devices, where waiting to be told would not do (xep S-07, X-44). */
export class ListFetching {
  readonly #threads: Threads;
  readonly #world: World;
  readonly #asked = new Map<BareJid, Promise<void>>();
  readonly #freshUntil = new Map<BareJid, number>();
  readonly #sending = new Map<ConversationId, Promise<void>>();

  constructor(threads: Threads) {
    this.#threads = threads;
    this.#world = threads.shared.world;
  }

  /** A chat is on the screen: its list may be old, since not every server sends it by itself. */
  onOpen(id: ConversationId): void {
    const contact = this.#world.store.contacts.get(id);
    if (!isAccepted(contact) || this.#isFresh(contact.jid)) return;
    this.#ask(contact.jid).catch(this.#threads.noteFailed);
  }

  /** In the order of the calls. Where several devices get the text, after both lists were read. */
  beforeSending(id: ConversationId): Promise<void> {
    const before = this.#sending.get(id) ?? Promise.resolve();
    const turn = before.then(() => this.#askForSending(id));
    this.#sending.set(id, turn);
    return turn;
  }

  async #askForSending(id: ConversationId): Promise<void> {
    const { chat } = this.#threads.get(id);
    const audience = audienceOf(this.#world, chat);
    const absent = absentTags(this.#world, chat, audience);
    if (everyoneIn(audience).length + absent.length < 2) return;
    const late = Promise.withResolvers<undefined>();
    const cancel = this.#world.clock.after(PATIENCE_MS, () => {
      late.resolve(undefined);
    });
    const asked = Promise.allSettled([this.#ask(chat.peer), this.#ask(this.#world.ourJid)]);
    await Promise.race([asked, late.promise]);
    cancel();
  }

  #isFresh(peer: BareJid): boolean {
    return this.#world.clock.monotonicNow() < (this.#freshUntil.get(peer) ?? -Infinity);
  }

  /** One question at a time to each. */
  #ask(of: BareJid): Promise<void> {
    const underWay = this.#asked.get(of) ?? this.#fetch(of).finally(() => this.#asked.delete(of));
    this.#asked.set(of, underWay);
    return underWay;
  }

  /** Of the own list the account hears by itself. */
  async #fetch(of: BareJid): Promise<void> {
    const answer = await this.#world.wire.fetchDevices(of);
    if (answer.tag !== 'list' && answer.tag !== 'none') return;
    this.#freshUntil.set(of, this.#world.clock.monotonicNow() + FRESH_MS);
    if (of === this.#world.ourJid || this.#threads.isStopped) return;
    await this.#threads.takeOf(of, (world, turn) => {
      applyDeviceList(world, turn, answer.tag === 'list' ? answer.devices : []);
    });
  }
}
