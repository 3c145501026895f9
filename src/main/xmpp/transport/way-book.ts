// SPDX-License-Identifier: GPL-3.0-or-later

import type { RememberedWay, WayMemory } from '../client.ts';
import type { Clock } from '../ports.ts';
import type { ConnectionFailure } from '../wire.ts';
import { formatWay, parseWay, type Way } from './ways.ts';

const DAY_MS = 86_400_000;
/** What a domain said about itself is asked for again after this, however well it works. */
const LONGEST_MS = 7 * DAY_MS;

/** Failures of the way itself, in contrast to what the server or the user would have to mend. */
const FAULTS: ReadonlySet<ConnectionFailure> = new Set<ConnectionFailure>([
  'lost',
  'not-xmpp',
  'server-busy',
  'server-closed',
  'timeout',
]);

/** Which ways to the server have worked, and which have just failed. */
export class WayBook {
  readonly #memory: WayMemory | undefined;
  readonly #clock: Clock;
  readonly #failed = new Set<string>();
  #last: RememberedWay | undefined;

  constructor(memory: WayMemory | undefined, clock: Clock) {
    this.#memory = memory;
    this.#clock = clock;
    this.#last = memory?.load();
  }

  /** What worked last, unless that is long ago or it has failed since. */
  remembered(): Way | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const ageMs = this.#clock.now() - last.foundAt;
    const way = parseWay(last.way);
    if (ageMs < 0 || ageMs > LONGEST_MS || way === undefined) return undefined;
    return this.hasFailed(way) ? undefined : way;
  }

  /** Did it get as far as a verified line, and no further? Such ways come last. */
  hasFailed(way: Way): boolean {
    return this.#failed.has(formatWay(way));
  }

  /** A session stands on it. Its age counts from when the domain named it, not from its last use. */
  worked(way: Way): void {
    this.#failed.clear();
    const known = this.remembered();
    if (known !== undefined && formatWay(known) === formatWay(way)) return;
    this.#last = { way: formatWay(way), foundAt: this.#clock.now() };
    this.#memory?.save(this.#last);
  }

  failed(way: Way, reason: ConnectionFailure): void {
    if (FAULTS.has(reason)) this.#failed.add(formatWay(way));
  }
}
