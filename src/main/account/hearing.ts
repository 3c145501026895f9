// SPDX-License-Identifier: GPL-3.0-or-later

import type { XmppClient } from '#main/xmpp/client.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';

/** Events taken from the line that nobody has dealt with yet; above `HIGH` none is taken any more. */
const HIGH = 1000;
const LOW = 200;

export interface HearingPorts {
  /** The roster first: it says who may speak at all. */
  readonly contacts: (event: WireEvent) => Promise<void>;
  /** Not waited for: one conversation's flood must not keep the others waiting. */
  readonly conversations: (event: WireEvent) => Promise<void>;
  readonly failed: (cause: unknown) => void;
}

/**
 * Hands on what the network tells, in the order of the wire. Whoever sends faster than we can follow
 * is made to wait at the server, by not reading on: what is not in memory cannot fill it.
 */
export class Hearing {
  readonly #client: Pick<XmppClient, 'hold' | 'release'>;
  readonly #ports: HearingPorts;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #held = false;

  constructor(client: Pick<XmppClient, 'hold' | 'release'>, ports: HearingPorts) {
    this.#client = client;
    this.#ports = ports;
  }

  hear(event: WireEvent): void {
    this.#begin();
    this.#last = this.#last
      .then(() => this.#ports.contacts(event))
      .catch(this.#ports.failed)
      .then(() => {
        this.#ports
          .conversations(event)
          .catch(this.#ports.failed)
          .finally(() => {
            this.#end();
          });
      });
  }

  #begin(): void {
    this.#waiting += 1;
    if (this.#held || this.#waiting < HIGH) return;
    this.#held = true;
    this.#client.hold();
  }

  #end(): void {
    this.#waiting -= 1;
    if (!this.#held || this.#waiting > LOW) return;
    this.#held = false;
    this.#client.release();
  }
}
