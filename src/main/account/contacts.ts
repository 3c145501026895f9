// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { ContactRequestView } from '#shared/model/contact.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import { type BareJid, parseBareJid } from '#shared/model/jid.ts';
import type { ContactRow } from '#main/store/rows.ts';
import type { RequestResult } from '#main/xmpp/client.ts';
import type { RosterItem, WireEvent } from '#main/xmpp/wire.ts';
import { OnceInAWhile } from './once-in-a-while.ts';
import type { AccountDeps } from './ports.ts';
import { Requests } from './requests.ts';
import type { OpenAccount } from './service.ts';

/** A flood of requests is told to the window in so many steps a second. */
const TELLING_PAUSE_MS = 250;

/** What conversations do when the list of contacts changes. */
export interface ContactViews {
  readonly refresh: (peer: BareJid | undefined) => Promise<void>;
  readonly forget: (id: ConversationId) => Promise<void>;
}

/** The roster as we keep it, and what the user does about people. */
export class Contacts {
  readonly #deps: Pick<AccountDeps, 'store' | 'clock' | 'publish'>;
  readonly #account: OpenAccount;
  readonly #views: ContactViews;
  readonly #requests: Requests;
  readonly #telling: OnceInAWhile;
  /** Who asked and was let in, until the server's list says so: asking again gets no second answer. */
  readonly #letIn = new Set<BareJid>();

  constructor(
    deps: Pick<AccountDeps, 'store' | 'clock' | 'publish'>,
    account: OpenAccount,
    views: ContactViews,
  ) {
    this.#deps = deps;
    this.#account = account;
    this.#views = views;
    this.#requests = new Requests(deps.store, account.row.id);
    this.#telling = new OnceInAWhile(deps.clock.after, TELLING_PAUSE_MS, () => {
      this.#deps.publish('contact.requests-changed', this.requests());
    });
  }

  requests(): readonly ContactRequestView[] {
    return this.#requests.list();
  }

  publishRequests(): void {
    this.#telling.ask();
  }

  /** The account is leaving: the window need not hear any more. */
  stop(): void {
    this.#telling.stop();
  }

  /** What the server tells about contacts, written down. */
  async hear(event: WireEvent): Promise<void> {
    switch (event.tag) {
      case 'roster':
        this.#letIn.clear();
        this.#replaceRoster(event.items);
        await this.#views.refresh(undefined);
        return;
      case 'roster-changed':
        this.#letIn.delete(event.item.jid);
        await this.#saveItem(event.item);
        return;
      case 'roster-removed':
        await this.#leaveRoster(event.jid);
        return;
      case 'subscription':
        if (event.step === 'requested') this.#heardRequest(event.from);
        return;
      default:
    }
  }

  async add(address: string, name: string | undefined): Promise<ConversationId> {
    const jid = this.#parse(address);
    if (jid === this.#account.row.jid) throw new AppFailure('contact-self');
    const known = this.#find(jid);
    if (known?.inRoster === true && !known.blocked) throw new AppFailure('contact-exists');
    const trimmed = name?.trim();
    const named = trimmed === undefined || trimmed === '' ? undefined : trimmed;
    return this.#befriend(jid, named);
  }

  /** They may see our presence, and we ask to see theirs. */
  async accept(address: string): Promise<void> {
    await this.#befriend(this.#parse(address), undefined);
  }

  decline(address: string): void {
    const jid = this.#parse(address);
    this.#account.client.denySubscription(jid);
    this.#requests.remove(jid);
    const known = this.#find(jid);
    if (known !== undefined && !known.inRoster) {
      this.#deps.store.transaction((tx) => {
        this.#deps.store.contacts.remove(tx, known.id);
      });
    }
    this.publishRequests();
  }

  async block(address: string): Promise<void> {
    const jid = this.#parse(address);
    const { store } = this.#deps;
    const id = store.transaction((tx) => store.contacts.ensure(tx, this.#account.row.id, jid));
    await this.#views.forget(id);
    store.transaction((tx) => {
      store.contacts.saveBlocked(tx, id, true);
    });
    this.#account.client.denySubscription(jid);
    this.#account.client.cancelSubscription(jid);
    this.#requests.remove(jid);
    this.#deps.publish('contact.removed', id);
    this.publishRequests();
  }

  /** From the server's list, and from here with everything that was said. */
  async remove(id: ConversationId): Promise<void> {
    const contact = this.#require(id);
    if (contact.inRoster) check(await this.#account.client.removeContact(contact.jid));
    await this.#views.forget(id);
    this.#deps.store.transaction((tx) => {
      this.#deps.store.contacts.remove(tx, id);
    });
    this.#deps.publish('contact.removed', id);
  }

  async rename(id: ConversationId, name: string): Promise<void> {
    const { jid } = this.#require(id);
    check(await this.#account.client.renameContact(jid, name.trim()));
  }

  #replaceRoster(items: readonly RosterItem[]): void {
    const { store } = this.#deps;
    const { id, jid } = this.#account.row;
    store.transaction((tx) => {
      store.contacts.replaceRoster(tx, id, items.filter((item) => item.jid !== jid).map(toRow));
    });
  }

  async #saveItem(item: RosterItem): Promise<void> {
    if (item.jid === this.#account.row.jid) return;
    const { store } = this.#deps;
    store.transaction((tx) => {
      store.contacts.saveRosterItem(tx, this.#account.row.id, toRow(item));
    });
    await this.#views.refresh(item.jid);
  }

  async #leaveRoster(jid: BareJid): Promise<void> {
    const known = this.#find(jid);
    if (known === undefined) return;
    const { store } = this.#deps;
    await this.#views.forget(known.id);
    store.transaction((tx) => {
      store.contacts.leaveRoster(tx, this.#account.row.id, jid);
    });
    this.#deps.publish('contact.removed', known.id);
  }

  /** Whom the user has asked may ask back; everyone else waits for the user. */
  #heardRequest(from: BareJid): void {
    const known = this.#find(from);
    if (known?.blocked === true) return;
    if (known?.inRoster === true) {
      if (this.#letIn.has(from)) return;
      this.#letIn.add(from);
      this.#account.client.approveSubscription(from);
      return;
    }
    if (this.#requests.add(from, this.#deps.clock.now())) this.publishRequests();
  }

  async #befriend(jid: BareJid, name: string | undefined): Promise<ConversationId> {
    const { client, row } = this.#account;
    if (client.state().tag !== 'online') throw new AppFailure('not-connected');
    check(await client.addContact({ jid, name, groups: [] }));
    client.approveSubscription(jid);
    client.requestSubscription(jid);
    const { store } = this.#deps;
    const id = store.transaction((tx) => {
      const known = store.contacts.byJid(row.id, jid);
      if (known?.inRoster !== true) {
        const item = { jid, name, subscription: 'none', asked: true, groups: [] } as const;
        store.contacts.saveRosterItem(tx, row.id, item);
      }
      const ensured = store.contacts.ensure(tx, row.id, jid);
      store.contacts.saveBlocked(tx, ensured, false);
      return ensured;
    });
    this.#requests.remove(jid);
    await this.#views.refresh(jid);
    this.publishRequests();
    return id;
  }

  #parse(address: string): BareJid {
    const jid = parseBareJid(address);
    if (!jid.ok) throw new AppFailure('address-invalid');
    return jid.value;
  }

  #find(jid: BareJid): ContactRow | undefined {
    return this.#deps.store.contacts.byJid(this.#account.row.id, jid);
  }

  #require(id: ConversationId): ContactRow {
    const contact = this.#deps.store.contacts.get(id);
    if (contact === undefined) throw new AppFailure('contact-unknown');
    return contact;
  }
}

const toRow = ({ jid, name, subscription, pending, groups }: RosterItem) => ({
  jid,
  name,
  subscription,
  asked: pending,
  groups,
});

function check(result: RequestResult): void {
  if (result.tag === 'offline') throw new AppFailure('not-connected');
  if (result.tag === 'refused') throw new AppFailure('server-refused');
}
