// SPDX-License-Identifier: GPL-3.0-or-later

import {
  keepSpares,
  LIMITS,
  permitsOffline,
  type SpareEnsembles,
  takeSpares,
  type ValidEnsemble,
} from '#otr';
import { type BareJid, domainOf } from '#shared/model/jid.ts';
import type { NoEnsembles, WantedDevices } from '#shared/model/prekeys.ts';
import type { FetchedEnsembles, PrekeysWorld } from './ports.ts';
import type { ServerFinder } from './server-finder.ts';
import type { QueryResult } from './server-talk.ts';
import type { ServerTalks } from './server-talks.ts';

const none = (why: NoEnsembles): FetchedEnsembles => ({ tag: 'none', why });

function toFetched(result: QueryResult): FetchedEnsembles {
  if (result.tag === 'ensembles') return { tag: 'found', ensembles: result.ensembles };
  switch (result.why) {
    case 'none-stored':
      return none('no-prekeys');
    case 'none-valid':
      return none('not-valid');
    case 'too-soon':
    case 'busy':
      return none('too-soon');
    case 'mode':
      return none('not-allowed');
    default:
      return none('unreachable');
  }
}

interface Asked {
  /** On the monotonic clock. */
  readonly at: number;
  /** Why there was nothing; undefined when there was, or nobody has answered yet. */
  readonly why: NoEnsembles | undefined;
}

/**
 * Gets what is needed to write to somebody who is away. Every answer costs that person a key of each of
 * their devices: what was not used is used the next time, and nobody is asked about twice in a minute.
 */
export class Fetching {
  readonly #world: PrekeysWorld;
  readonly #finder: ServerFinder;
  readonly #talks: ServerTalks;
  readonly #asked = new Map<BareJid, Asked>();
  #spares: SpareEnsembles = [];

  constructor(world: PrekeysWorld, finder: ServerFinder, talks: ServerTalks) {
    this.#world = world;
    this.#finder = finder;
    this.#talks = talks;
  }

  /** Resolves in any case. Only servers of the contact's own domain are asked (xep C-09). */
  async fetch(of: BareJid, wanted: WantedDevices): Promise<FetchedEnsembles> {
    const { mode, clock, wire } = this.#world;
    if (!permitsOffline(mode())) return none('not-allowed');
    const { next, taken } = takeSpares(this.#spares, of, clock.now());
    // Keys of their phone are no reason not to ask for those of their laptop.
    if (taken.some(({ ownerTag }) => wanted === 'latest' || wanted.includes(ownerTag))) {
      this.#spares = next;
      return { tag: 'found', ensembles: taken };
    }
    if (wire.state().tag !== 'online') return none('unreachable');
    const before = this.#askedJustNow(of);
    // What was answered a moment ago still holds.
    if (before !== undefined) return none(before.why ?? 'too-soon');
    try {
      return await this.#ask(of);
    } catch (cause) {
      this.#world.note(cause);
      return none('unreachable');
    }
  }

  giveBack(of: BareJid, ensembles: readonly ValidEnsemble[]): void {
    if (permitsOffline(this.#world.mode())) this.#spares = keepSpares(this.#spares, of, ensembles);
  }

  /** Nothing of the kind is used any more. */
  forgetAll(): void {
    this.#spares = [];
  }

  async #ask(of: BareJid): Promise<FetchedEnsembles> {
    const at = this.#world.clock.monotonicNow();
    this.#asked.set(of, { at, why: undefined });
    const found = await this.#finder.find(domainOf(of));
    if (found.tag === 'none') {
      // Nobody was asked for anything that can be used up.
      this.#asked.delete(of);
      return none(found.why === 'stopped' ? 'no-server' : found.why);
    }
    const { identity, mode } = this.#world;
    const own = identity();
    if (!permitsOffline(mode())) return none('not-allowed');
    if (own === undefined) return none('unreachable');
    const fetched = toFetched(await this.#talks.with(found.server, own).query(of));
    if (fetched.tag === 'none') this.#asked.set(of, { at, why: fetched.why });
    return fetched;
  }

  #askedJustNow(of: BareJid): Asked | undefined {
    const now = this.#world.clock.monotonicNow();
    for (const [who, { at }] of this.#asked) {
      if (now - at >= LIMITS.prekeyQueryIntervalMs) this.#asked.delete(who);
    }
    return this.#asked.get(of);
  }
}
