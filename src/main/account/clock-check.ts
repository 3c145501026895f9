// SPDX-License-Identifier: GPL-3.0-or-later

import type { XmppClient } from '#main/xmpp/client.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import type { Clock } from './ports.ts';

/** Profiles expire by the clock; an hour is more than any of them allows for. */
const HARMLESS_MS = 3_600_000;
/** The user may be setting it right. */
const AGAIN_MS = 60_000;

/**
 * Compares the clock of this computer with the server's. Only to tell the user: nothing is decided by a
 * time that somebody else says.
 */
export class ClockCheck {
  readonly #clock: Clock;
  readonly #client: Pick<XmppClient, 'fetchServerTime'>;
  readonly #onChange: () => void;
  #aheadMs = 0;
  #cancelNext: () => void = () => undefined;

  constructor(clock: Clock, client: Pick<XmppClient, 'fetchServerTime'>, onChange: () => void) {
    this.#clock = clock;
    this.#client = client;
    this.#onChange = onChange;
  }

  get aheadMs(): number {
    return this.#aheadMs;
  }

  hear(event: WireEvent): void {
    if (event.tag === 'session') void this.#compare();
  }

  async #compare(): Promise<void> {
    const theirs = await this.#client.fetchServerTime();
    this.#cancelNext();
    if (theirs === undefined) return;
    const aheadMs = this.#clock.now() - theirs;
    const told = Math.abs(aheadMs) < HARMLESS_MS ? 0 : aheadMs;
    if (told !== 0) this.#cancelNext = this.#clock.after(AGAIN_MS, () => void this.#compare());
    if (told === this.#aheadMs) return;
    this.#aheadMs = told;
    this.#onChange();
  }
}
