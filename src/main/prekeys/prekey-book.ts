// SPDX-License-Identifier: GPL-3.0-or-later

import {
  createPrekeyProfile,
  keptUntil,
  LIMITS,
  openPrekeyPair,
  openPublication,
  type OwnIdentity,
  type OwnPrekeyProfile,
  type OwnPrekeys,
  permitsOffline,
  type PrekeyPair,
  prekeySecrets,
  profilesToPublish,
  type Publication,
  type PublicationContent,
  publicationKeptUntil,
  renewsAt,
  Secret,
} from '#otr';
import { equalBytes } from '#otr/crypto/constant-time.ts';
import { DH_SECRET_LENGTH } from '#otr/crypto/dh3072.ts';
import { SCALAR_LENGTH, SEED_LENGTH } from '#otr/crypto/ed448.ts';
import { encodePrekeyPair } from '#otr/profile/prekey-message.ts';
import type { NewPrekeyRow, PublicationRow } from '#main/store/rows.ts';
import type { Tx } from '#main/store/unit-of-work.ts';
import type { PrekeysWorld } from './ports.ts';

/** Our Client Profile and the Prekey Profile that goes with it. */
export interface OwnProfiles {
  readonly identity: OwnIdentity;
  readonly prekeyProfile: OwnPrekeyProfile;
}

const copyOf = (secret: Secret): Uint8Array => secret.lend((bytes) => bytes.slice());

function open({ clientProfile, prekeyProfile, sharedSeed }: PublicationRow): Publication {
  const seed = Secret.own(sharedSeed, SEED_LENGTH);
  return openPublication({ clientProfile, prekeyProfile, seed });
}

/** A day longer than both are in force, for messages that are under way. */
const keptUntilOf = ({ identity, prekeyProfile }: OwnProfiles): number =>
  Math.min(keptUntil(identity.profile), keptUntil(prekeyProfile.profile));

/** A pair as it is stored. Its secrets are copies: wipe them after the transaction. */
function toRow(profiles: OwnProfiles, pair: PrekeyPair): NewPrekeyRow {
  return {
    prekeyId: pair.id,
    message: encodePrekeyPair(profiles.identity.profile.ownerTag, pair),
    ecdhSecret: copyOf(pair.ecdh.secret),
    dhSecret: copyOf(pair.dh.secret),
    keptUntil: keptUntilOf(profiles),
  };
}

/** Everything of ours that others may begin a conversation with: made, kept, found, forgotten. */
export class PrekeyBook {
  readonly #world: PrekeysWorld;
  #profiles: OwnProfiles | undefined;
  /** What is lent to whoever finds a prekey; undefined: to be read from the store. */
  #kept: readonly Publication[] | undefined;

  constructor(world: PrekeysWorld) {
    this.#world = world;
  }

  /** One-time keys that a server may have. */
  countOut(): number {
    return this.#world.store.prekeys.countOut(this.#world.account);
  }

  /** All whose secrets are kept, those that were handed out included. */
  countKept(): number {
    return this.#world.store.prekeys.ids(this.#world.account).size;
  }

  /** Drops what is over. */
  purge(): void {
    const { store, account, clock } = this.#world;
    store.transaction((tx) => {
      store.prekeys.purge(tx, account, clock.now());
    });
    this.#forgetKept();
  }

  /**
   * Our profiles as they are to be published. Both are renewed together; those that left and that nobody
   * confirmed leave again as they are. Lent until the next call.
   */
  profilesOf(identity: OwnIdentity): OwnProfiles {
    if (this.#profiles !== undefined && this.#isCurrent(this.#profiles, identity)) {
      return this.#profiles;
    }
    this.#forgetProfiles();
    this.#profiles = this.#openStored(identity) ?? this.#makeProfiles(identity);
    return this.#profiles;
  }

  /** Which of them belong into a publication: none when a server has confirmed both. */
  toPublish({ identity, prekeyProfile }: OwnProfiles): Omit<PublicationContent, 'prekeys'> {
    const confirmed = this.#world.store.prekeys.confirmedProfiles(this.#world.account);
    return profilesToPublish(
      { clientProfile: identity.profile, prekeyProfile },
      { clientProfile: confirmed?.clientProfile, prekeyProfile: confirmed?.prekeyProfile },
    );
  }

  /** New pairs, one at a time: each costs some milliseconds. The caller owns them. */
  async makePairs(
    { identity }: OwnProfiles,
    count: number,
    goOn: () => boolean,
  ): Promise<readonly PrekeyPair[]> {
    const { store, account, env, mode, breathe, makePair } = this.#world;
    const taken = new Set(store.prekeys.ids(account));
    const pairs: PrekeyPair[] = [];
    const { ownerTag } = identity.profile;
    try {
      while (pairs.length < count && goOn()) {
        const { pair } = makePair({ ownerTag, mode: mode() }, env, taken);
        taken.add(pair.id);
        pairs.push(pair);
        await breathe();
      }
      return pairs;
    } catch (cause) {
      wipePairs(pairs);
      throw cause;
    }
  }

  /** Before it leaves: from then on a server may hand it out. */
  persist(profiles: OwnProfiles, { prekeys, prekeyProfile }: PublicationContent): void {
    const { store, account } = this.#world;
    const rows = prekeys.map((pair) => toRow(profiles, pair));
    const sharedSeed = copyOf(profiles.prekeyProfile.sharedPrekey.seed);
    try {
      store.transaction((tx) => {
        store.prekeys.addSent(tx, account, rows);
        if (prekeyProfile === undefined) return;
        store.prekeys.addPublication(tx, account, {
          clientProfile: profiles.identity.profile.raw,
          prekeyProfile: prekeyProfile.profile.raw,
          sharedSeed,
          keptUntil: keptUntilOf(profiles),
        });
      });
    } finally {
      sharedSeed.fill(0);
      for (const { ecdhSecret, dhSecret } of rows) {
        ecdhSecret.fill(0);
        dhSecret.fill(0);
      }
      this.#forgetKept();
    }
  }

  /** A server has it. All that are out there are covered by its profiles from now on. */
  confirm(tx: Tx, profiles: OwnProfiles, { prekeys, prekeyProfile }: PublicationContent): void {
    const { store, account } = this.#world;
    const ids = prekeys.map(({ id }) => id);
    store.prekeys.confirm(tx, account, ids);
    if (prekeyProfile === undefined) return;
    store.prekeys.confirmPublication(tx, account, prekeyProfile.profile.raw);
    store.prekeys.cover(tx, account, keptUntilOf(profiles));
  }

  /** A server said, authenticated, that it did not take them: nobody will be given these keys. */
  drop({ prekeys }: PublicationContent): void {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      for (const { id } of prekeys) store.prekeys.forget(tx, account, id);
    });
  }

  /**
   * The server has so many left. The others have been handed out, and their messages come while the
   * profiles that went with them last, or never.
   */
  noteLeft(tx: Tx, left: number): void {
    const { store, account, clock } = this.#world;
    const until = clock.now() + LIMITS.ownProfileLifetimeMs + LIMITS.ownProfileGraceMs;
    store.prekeys.noteLeft(tx, account, left, until);
  }

  find(prekeyId: number): OwnPrekeys | undefined {
    const { store, account, clock, mode } = this.#world;
    if (!permitsOffline(mode())) return undefined;
    const row = store.prekeys.load(account, prekeyId, clock.now());
    if (row === undefined) return undefined;
    const pair = openPrekeyPair(row.message, {
      ecdh: Secret.own(row.ecdhSecret, SCALAR_LENGTH),
      dh: Secret.own(row.dhSecret, DH_SECRET_LENGTH),
    });
    this.#kept ??= store.prekeys.publications(account).map(open);
    return {
      pair,
      published: this.#kept.filter((each) => publicationKeptUntil(each) > clock.now()),
    };
  }

  forget(tx: Tx, prekeyId: number): void {
    this.#world.store.prekeys.forget(tx, this.#world.account, prekeyId);
  }

  /** Everything goes, here: a server may go on handing out what it has. */
  eraseAll(): void {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      store.prekeys.eraseAll(tx, account);
    });
    this.stop();
  }

  stop(): void {
    this.#forgetKept();
    this.#forgetProfiles();
  }

  #isCurrent({ identity: of, prekeyProfile }: OwnProfiles, identity: OwnIdentity): boolean {
    return (
      equalBytes(of.profile.raw, identity.profile.raw) &&
      this.#world.clock.now() < renewsAt(prekeyProfile.profile)
    );
  }

  /** The newest that left, unless one of the two is not what it should be any more. */
  #openStored(identity: OwnIdentity): OwnProfiles | undefined {
    const newest = this.#world.store.prekeys.newestPublication(this.#world.account);
    if (newest === undefined) return undefined;
    const { profile, prekeyProfile, sharedPrekey } = open(newest);
    const own = { identity, prekeyProfile: { profile: prekeyProfile, sharedPrekey } };
    if (equalBytes(profile.raw, identity.profile.raw) && this.#isCurrent(own, identity)) return own;
    sharedPrekey.seed.wipe();
    return undefined;
  }

  #makeProfiles(identity: OwnIdentity): OwnProfiles {
    const { env, mode } = this.#world;
    const { longTermKey, profile } = identity;
    const owner = { longTermKey, ownerTag: profile.ownerTag, mode: mode() };
    return { identity, prekeyProfile: createPrekeyProfile(owner, env) };
  }

  #forgetProfiles(): void {
    this.#profiles?.prekeyProfile.sharedPrekey.seed.wipe();
    this.#profiles = undefined;
  }

  #forgetKept(): void {
    for (const { sharedPrekey } of this.#kept ?? []) sharedPrekey.seed.wipe();
    this.#kept = undefined;
  }
}

/** After the exchange: what is kept of them is on disk. */
export function wipePairs(pairs: readonly PrekeyPair[]): void {
  for (const pair of pairs) for (const secret of prekeySecrets(pair)) secret.wipe();
}
