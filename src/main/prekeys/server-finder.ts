// SPDX-License-Identifier: GPL-3.0-or-later

import { parseServerFingerprint, type ServerFingerprint } from '#otr';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { drawInt } from '#otr/crypto/integer.ts';
import type { Tx } from '#main/store/unit-of-work.ts';
import type { PrekeysWorld } from './ports.ts';

/** A prekey server with the key that counts. */
export interface KnownServer {
  readonly jid: string;
  readonly fingerprint: ServerFingerprint;
}

export type FoundServer =
  | { readonly tag: 'found'; readonly server: KnownServer }
  | {
      readonly tag: 'none';
      readonly why: 'no-server' | 'server-key-changed' | 'stopped' | 'unreachable';
    };

/** What is known of a server that a domain offers. */
type Standing = 'usable' | 'changed' | 'stopped';

/**
 * Finds the prekey servers of a domain and chooses one. A key counts from its first use on; another one is
 * noted and not used before the user says so (xep X-21, S-12).
 */
export class ServerFinder {
  readonly #world: PrekeysWorld;

  constructor(world: PrekeysWorld) {
    this.#world = world;
  }

  async find(domain: string): Promise<FoundServer> {
    const answer = await this.#world.wire.fetchPrekeyServers(domain);
    if (answer.tag !== 'list') return { tag: 'none', why: 'unreachable' };
    const offered = answer.servers.flatMap(({ jid, fingerprint }) => {
      const parsed = parseServerFingerprint(fingerprint);
      return parsed === undefined ? [] : [{ jid, fingerprint: parsed }];
    });
    return this.#choose(domain, offered);
  }

  #choose(domain: string, offered: readonly KnownServer[]): FoundServer {
    const { store, env } = this.#world;
    return store.transaction((tx) => {
      const judged = offered.map((server) => ({ server, standing: this.#judge(tx, server) }));
      const usable = judged.filter(({ standing }) => standing === 'usable');
      const chosen = usable[drawInt(env) % Math.max(1, usable.length)];
      if (chosen !== undefined) {
        const { account, clock } = this.#world;
        store.prekeyServers.pin(tx, account, { domain, ...chosen.server }, clock.now());
        return { tag: 'found', server: chosen.server };
      }
      const changed = judged.some(({ standing }) => standing === 'changed');
      if (changed) return { tag: 'none', why: 'server-key-changed' };
      return { tag: 'none', why: judged.length > 0 ? 'stopped' : 'no-server' };
    });
  }

  #judge(tx: Tx, { jid, fingerprint }: KnownServer): Standing {
    const { store, account, changed } = this.#world;
    const known = store.prekeyServers.get(account, jid);
    if (known === undefined) return 'usable';
    const isSame = equalBytes(known.fingerprint, fingerprint);
    const proposed = isSame ? undefined : fingerprint;
    store.prekeyServers.propose(tx, account, jid, proposed);
    changed();
    if (known.stopped) return 'stopped';
    return isSame ? 'usable' : 'changed';
  }
}
