// SPDX-License-Identifier: GPL-3.0-or-later

import type { AccountId, RememberedWay, ServerOverride } from '#main/store/rows.ts';
import type { Endpoint, WayMemory } from '#main/xmpp/client.ts';
import type { AccountDeps } from './ports.ts';

export function endpointOf(server: ServerOverride | undefined): Endpoint {
  if (server === undefined) return { tag: 'domain' };
  return server.tls === 'websocket'
    ? { tag: 'websocket', url: server.url }
    : { tag: 'fixed', ...server };
}

/** The way that worked last, in the row of its account; in memory until there is a row. */
export class StoredWay implements WayMemory {
  readonly #deps: Pick<AccountDeps, 'store' | 'note'>;
  #id: AccountId | undefined;
  #early: RememberedWay | undefined;

  constructor(deps: Pick<AccountDeps, 'store' | 'note'>, id?: AccountId) {
    this.#deps = deps;
    this.#id = id;
  }

  load(): RememberedWay | undefined {
    return this.#id === undefined ? this.#early : this.#deps.store.accounts.loadWay(this.#id);
  }

  save(way: RememberedWay): void {
    const id = this.#id;
    if (id === undefined) {
      this.#early = way;
      return;
    }
    const { accounts, transaction } = this.#deps.store;
    try {
      transaction((tx) => {
        accounts.saveWay(tx, id, way);
      });
    } catch (cause) {
      // Only a shortcut is lost; the session that has just begun is not.
      this.#deps.note('account-failed', cause);
    }
  }

  /** From now on there is a row. */
  moveInto(id: AccountId): void {
    this.#id = id;
    if (this.#early !== undefined) this.save(this.#early);
    this.#early = undefined;
  }
}
