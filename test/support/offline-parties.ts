// SPDX-License-Identifier: GPL-3.0-or-later
import { decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { decodePrekeyProfile } from '#otr/codec/prekey-profile.ts';
import type { OwnPrekeys } from '#otr/dake/non-interactive.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import type { ValidEnsemble } from '#otr/profile/ensemble.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import { createPrekeyMessage } from '#otr/profile/prekey-message.ts';
import type { PrekeyPair } from '#otr/profile/prekey-message.ts';
import { signPrekeyProfile } from '#otr/profile/prekey-profile.ts';
import type { Publication } from '#otr/profile/publication.ts';
import type { SessionEffect } from '#otr/session/effect.ts';

import { Clock, clockedEnv, identityOf, TwoParties } from './two-parties.ts';
import type { PartiesOptions, Party } from './two-parties.ts';

const publications = new Map<string, Publication>();

/** What somebody has published, apart from one-time keys. Slow to make: once for each name. */
export function publicationOf(name: string): Publication {
  const known = publications.get(name);
  if (known !== undefined) return known;
  const { profile, longTermKey } = identityOf(name);
  const owner = { ownerTag: profile.ownerTag, longTermKey, mode: 'standalone' } as const;
  const sharedPrekey = createLongTermKey(clockedEnv(`shared prekey/${name}`, new Clock()));
  const prekeyProfile = signPrekeyProfile(owner, sharedPrekey.public, profile.expiresAt);
  const made = { profile, prekeyProfile, sharedPrekey };
  publications.set(name, made);
  return made;
}

/** What one party published, and the store its prekeys are kept in. */
export class Shelf {
  readonly pairs = new Map<number, PrekeyPair>();
  /** All that is kept. May be emptied by a test. */
  published: readonly Publication[];
  readonly #name: string;
  #made = 0;

  constructor(name: string) {
    this.#name = name;
    this.published = [publicationOf(name)];
  }

  /** One more ensemble, as a server hands it out. */
  publish(): ValidEnsemble {
    this.#made += 1;
    const { profile, prekeyProfile } = publicationOf(this.#name);
    const env = clockedEnv(`prekey/${this.#name}/${this.#made.toString()}`, new Clock());
    const owner = { ownerTag: profile.ownerTag, mode: 'standalone' } as const;
    const { pair, raw } = createPrekeyMessage(owner, env);
    this.pairs.set(pair.id, pair);
    const ensemble = {
      clientProfile: decodeClientProfile(profile.raw),
      prekeyProfile: decodePrekeyProfile(prekeyProfile.raw),
      prekeyMessage: decodePrekeyMessage(raw),
    };
    return validateEnsemble(ensemble, env.nowMs());
  }

  find(prekeyId: number): OwnPrekeys | undefined {
    const pair = this.pairs.get(prekeyId);
    return pair === undefined ? undefined : { pair, published: this.published };
  }
}

/** Hands a body over, and the prekey it asks for, as whoever keeps the prekeys does. */
export function deliver(
  body: string,
  to: Party,
  shelf: Shelf,
  accepted = false,
): readonly SessionEffect[] {
  const effects = to.receive(body, accepted);
  const wanted = effects.find((effect) => effect.tag === 'prekey-wanted');
  const prekey = wanted === undefined ? undefined : shelf.find(wanted.prekeyId);
  if (wanted === undefined || prekey === undefined) return effects;
  const { body: whole, accepted: agreed } = wanted;
  const then = to.do({ tag: 'receive', body: whole, accepted: agreed, prekey });
  for (const effect of then) if (effect.tag === 'prekey-used') shelf.pairs.delete(effect.prekeyId);
  return [...effects, ...then];
}

/** Alice and Bob, and what each of them published. */
export class OfflineParties extends TwoParties {
  readonly shelves: ReadonlyMap<Party, Shelf> = new Map([
    [this.alice, new Shelf('alice')],
    [this.bob, new Shelf('bob')],
  ]);

  shelfOf(party: Party): Shelf {
    const shelf = this.shelves.get(party);
    if (shelf === undefined) throw new RangeError('not a party of these');
    return shelf;
  }

  /** One party begins while the other is away. */
  startOffline(from: Party): readonly SessionEffect[] {
    const ensemble = this.shelfOf(this.other(from)).publish();
    return from.do({ tag: 'start-offline', ensemble });
  }

  /** Hands over everything either wants sent, with the prekeys that are asked for. */
  override settle(): void {
    while (this.alice.outbox.length + this.bob.outbox.length > 0) {
      for (const party of [this.alice, this.bob]) {
        const other = this.other(party);
        for (const body of party.takeOutbox()) deliver(body, other, this.shelfOf(other));
      }
    }
  }

  /** A session that Alice began while Bob was away, with one message either way. */
  static begunByAlice(options: PartiesOptions = {}): OfflineParties {
    const parties = new OfflineParties(options);
    parties.startOffline(parties.alice);
    parties.alice.send('written while you were away');
    parties.settle();
    parties.bob.send('back again');
    parties.settle();
    return parties;
  }
}
