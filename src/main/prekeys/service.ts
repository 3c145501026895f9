// SPDX-License-Identifier: GPL-3.0-or-later

import { type OwnPrekeys, permitsOffline, type ValidEnsemble } from '#otr';
import type { BareJid } from '#shared/model/jid.ts';
import type { PrekeysView, WantedDevices } from '#shared/model/prekeys.ts';
import type { Tx } from '#main/store/unit-of-work.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { NOTHING_PUBLISHED } from './agenda.ts';
import { Fetching } from './fetching.ts';
import type { FetchedEnsembles, PrekeysWorld } from './ports.ts';
import { PrekeyBook } from './prekey-book.ts';
import { toPrekeysView } from './prekeys-view.ts';
import { Publisher } from './publisher.ts';
import { ServerFinder } from './server-finder.ts';
import { ServerTalks } from './server-talks.ts';

/**
 * What it takes to talk with somebody who is away: our keys on a prekey server, theirs from one. In
 * interactive-only mode nothing of it exists: nobody is asked, nothing is made, nothing is kept.
 */
export class PrekeyService {
  readonly #world: PrekeysWorld;
  readonly #book: PrekeyBook;
  readonly #talks: ServerTalks;
  readonly #publisher: Publisher;
  readonly #fetching: Fetching;

  constructor(world: PrekeysWorld) {
    this.#world = world;
    this.#book = new PrekeyBook(world);
    this.#talks = new ServerTalks(world, (publication) => {
      this.#publisher.persist(publication);
    });
    const finder = new ServerFinder(world);
    this.#publisher = new Publisher(world, this.#book, finder, this.#talks);
    this.#fetching = new Fetching(world, finder, this.#talks);
    // A change of mode that was interrupted is brought to its end.
    if (!this.#isUsed) this.#book.eraseAll();
  }

  hear(event: WireEvent): void {
    if (!this.#isUsed) return;
    this.#talks.hear(event);
    this.#publisher.hear(event);
  }

  /** Our keys are there, or our profile was renewed. */
  keysChanged(): void {
    if (this.#isUsed) this.#publisher.changed();
  }

  /** Out of interactive-only mode, or into it: then every secret goes (mode I-12). */
  modeChanged(): void {
    this.#publisher.stop();
    this.#talks.stop();
    if (this.#isUsed) this.#publisher.resume();
    else {
      this.#fetching.forgetAll();
      this.#book.eraseAll();
      this.#forgetPublishing();
    }
    this.#world.changed();
  }

  stop(): void {
    this.#publisher.stop();
    this.#talks.stop();
    this.#fetching.forgetAll();
    this.#book.stop();
  }

  /**
   * Whether contacts can begin while no device of ours is online. What was left before can still be used for
   * as long as its profile lasts, and is read.
   */
  setLeavesKeys(leaves: boolean): void {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      store.accounts.saveLeavesKeys(tx, account, leaves);
    });
    this.#publisher.stop();
    if (this.#isUsed) this.#publisher.resume();
    this.#world.changed();
  }

  view(): PrekeysView {
    return toPrekeysView(this.#world, this.#publisher);
  }

  /** Looks again at once, and publishes everything anew. */
  repair(): void {
    if (this.#isUsed) this.#publisher.repair();
  }

  /** The user goes on with a server, under the key it announced last. */
  acceptServerKey(jid: string): void {
    const { store, account, clock } = this.#world;
    store.transaction((tx) => {
      store.prekeyServers.accept(tx, account, jid, clock.now());
    });
    this.#decided(jid);
  }

  stopUsingServer(jid: string): void {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      store.prekeyServers.stop(tx, account, jid);
    });
    this.#decided(jid);
  }

  /** Asks a prekey server of the contact's domain, or takes what was fetched before. Always resolves. */
  readonly fetch = (of: BareJid, wanted: WantedDevices): Promise<FetchedEnsembles> =>
    this.#fetching.fetch(of, wanted);

  /** Ensembles that were not used after all: kept for the next time. */
  readonly giveBack = (of: BareJid, ensembles: readonly ValidEnsemble[]): void => {
    this.#fetching.giveBack(of, ensembles);
  };

  /**
   * What of ours a Non-Interactive-Auth message refers to. The pair is opened anew and owned by the caller;
   * the publications are lent. Undefined: unknown or used.
   */
  readonly find = (prekeyId: number): OwnPrekeys | undefined => this.#book.find(prekeyId);

  /** Deletes that prekey durably, in the caller's transaction. */
  readonly forget = (tx: Tx, prekeyId: number): void => {
    this.#book.forget(tx, prekeyId);
  };

  /** After the commit: one fewer is out there. */
  readonly used = (): void => {
    if (this.#isUsed) this.#publisher.used();
  };

  get #isUsed(): boolean {
    return permitsOffline(this.#world.mode());
  }

  #decided(jid: string): void {
    this.#talks.drop(jid);
    if (this.#isUsed) this.#publisher.decided(jid);
    this.#world.changed();
  }

  /** All but how long others may be given what was published. */
  #forgetPublishing(): void {
    const { store, account } = this.#world;
    const { publishedUntil } = this.#publisher.row();
    store.transaction((tx) => {
      store.prekeyServers.savePublishing(tx, account, { ...NOTHING_PUBLISHED, publishedUntil });
    });
  }
}
