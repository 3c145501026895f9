// SPDX-License-Identifier: GPL-3.0-or-later
import type { FetchedEnsembles, OfflineKeys } from '#main/conversation/ports.ts';
import type { PrekeysWorld } from '#main/prekeys/ports.ts';
import { PrekeyBook } from '#main/prekeys/prekey-book.ts';
import { createPrekeyMessage } from '#otr';
import type { OwnIdentity, OwnPrekeys, PrekeyPair, ValidEnsemble } from '#otr';
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { NoEnsembles } from '#shared/model/prekeys.ts';
import type { Tx } from '#main/store/unit-of-work.ts';
import { Shelf } from './offline-parties.ts';

/** What every key server of a network has, and what was asked of it. */
export class KeyServers {
  /** The devices of each account. */
  readonly shelves = new Map<BareJid, OwnKeyShelf[]>();
  readonly asked: BareJid[] = [];
  /** Why there is nothing to be had, whoever is asked about. */
  refusal: NoEnsembles | undefined;
  /** Changes what is handed out. */
  change: (ensembles: readonly ValidEnsemble[]) => readonly ValidEnsemble[] = (same) => same;
  /** While it is pending, nobody answers. */
  answer: Promise<unknown> = Promise.resolve();

  async fetch(of: BareJid): Promise<FetchedEnsembles> {
    this.asked.push(of);
    await this.answer;
    if (this.refusal !== undefined) return { tag: 'none', why: this.refusal };
    const shelves = this.shelves.get(of) ?? [];
    const ensembles = this.change(shelves.flatMap((shelf) => shelf.take()));
    return ensembles.length === 0
      ? { tag: 'none', why: 'no-prekeys' }
      : { tag: 'found', ensembles };
  }
}

/** One device's prekeys, with as many on the server as a test wants. */
export class OwnKeyShelf implements OfflineKeys {
  readonly shelf: Shelf;
  readonly given: ValidEnsemble[] = [];
  readonly forgotten: number[] = [];
  left = 3;
  usedTimes = 0;
  readonly #servers: KeyServers;

  constructor(name: string, of: BareJid, servers: KeyServers) {
    this.shelf = new Shelf(name);
    this.#servers = servers;
    servers.shelves.set(of, [...(servers.shelves.get(of) ?? []), this]);
  }

  take(): readonly ValidEnsemble[] {
    if (this.left === 0) return [];
    this.left -= 1;
    return [this.shelf.publish()];
  }

  readonly fetch = (of: BareJid): Promise<FetchedEnsembles> => this.#servers.fetch(of);

  readonly giveBack = (_of: BareJid, ensembles: readonly ValidEnsemble[]): void => {
    this.given.push(...ensembles);
  };

  readonly find = (prekeyId: number): OwnPrekeys | undefined => {
    const found = this.shelf.find(prekeyId);
    return found && { ...found, pair: copyOf(found.pair) };
  };

  readonly forget = (_tx: Tx, prekeyId: number): void => {
    this.shelf.pairs.delete(prekeyId);
    this.forgotten.push(prekeyId);
  };

  readonly used = (): void => {
    this.usedTimes += 1;
  };
}

type Book = Pick<PrekeysWorld, 'account' | 'store' | 'clock' | 'env'> & {
  readonly identity: OwnIdentity;
};

/** One-time keys of which each is a row, so that its deletion is part of a transaction. */
export class StoredKeyShelf extends OwnKeyShelf {
  readonly #book: PrekeyBook;
  readonly #of: Book;

  constructor(name: string, of: BareJid, servers: KeyServers, where: Book) {
    super(name, of, servers);
    this.#of = where;
    const unused = (): never => {
      throw new TypeError('a book speaks with nobody');
    };
    this.#book = new PrekeyBook({
      ...where,
      ourJid: of,
      mode: () => 'compatible',
      identity: () => where.identity,
      wire: { fetchPrekeyServers: unused, sendPrekey: unused, state: unused },
      makePair: createPrekeyMessage,
      breathe: () => Promise.resolve(),
      changed: () => undefined,
      note: unused,
    });
  }

  override take(): readonly ValidEnsemble[] {
    const { identity, env } = this.#of;
    const profiles = this.#book.profilesOf(identity);
    const { ownerTag, raw: clientProfile } = identity.profile;
    const { pair, raw } = createPrekeyMessage({ ownerTag, mode: 'compatible' }, env);
    const { prekeyProfile } = profiles;
    this.#book.persist(profiles, { prekeys: [pair], clientProfile: undefined, prekeyProfile });
    const ensemble = {
      clientProfile: decodeClientProfile(clientProfile),
      prekeyProfile: decodePrekeyProfile(prekeyProfile.profile.raw),
      prekeyMessage: decodePrekeyMessage(raw),
    };
    return [validateEnsemble(ensemble, env.nowMs())];
  }

  override readonly find = (prekeyId: number): OwnPrekeys | undefined => this.#book.find(prekeyId);

  override readonly forget = (tx: Tx, prekeyId: number): void => {
    this.#book.forget(tx, prekeyId);
    this.forgotten.push(prekeyId);
  };
}

/** Whoever asks for it wipes it. */
const copyOf = ({ id, ecdh, dh }: PrekeyPair): PrekeyPair => ({
  id,
  ecdh: { ...ecdh, secret: ecdh.secret.copy() },
  dh: { ...dh, secret: dh.secret.copy() },
});
