// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactRequestView } from '#shared/model/contact.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { AccountId } from '#main/store/rows.ts';
import type { Store } from '#main/store/store.ts';

/** Requests shown at once; a flood of them must not fill the memory. */
const MAX_REQUESTS = 200;

/** People who are not contacts and want something: to see our presence, or to say something. */
export class Requests {
  readonly #store: Store;
  readonly #account: AccountId;
  readonly #asked = new Map<BareJid, number>();

  constructor(store: Store, account: AccountId) {
    this.#store = store;
    this.#account = account;
  }

  /** Returns whether that was new, and there was room. */
  add(jid: BareJid, at: number): boolean {
    if (this.#asked.has(jid) || this.#asked.size >= MAX_REQUESTS) return false;
    this.#asked.set(jid, at);
    return true;
  }

  remove(jid: BareJid): void {
    this.#asked.delete(jid);
  }

  /** Newest first. */
  list(): readonly ContactRequestView[] {
    const { contacts, messages } = this.#store;
    const written = contacts.list(this.#account).flatMap(({ id, jid, inRoster, blocked }) => {
      if (inRoster || blocked || this.#asked.has(jid)) return [];
      const { unread, last } = messages.summary(id);
      return unread > 0 && last !== undefined ? [{ jid, at: last.at }] : [];
    });
    const asked = [...this.#asked].map(([jid, at]) => ({ jid, at }));
    return [...asked, ...written].toSorted((a, b) => b.at - a.at).slice(0, MAX_REQUESTS);
  }
}
