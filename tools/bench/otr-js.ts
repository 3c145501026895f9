// SPDX-License-Identifier: GPL-3.0-or-later

import otr, { type Session } from 'otr';

/** Two ends of an OTRv3 session of otr.js, connected without the timers of its own. */
export class OtrJsPair {
  readonly #queue: (() => void)[] = [];
  readonly #alice: Session;
  readonly #bob: Session;
  #read = 0;

  constructor() {
    const priv = new otr.DSA();
    this.#alice = new otr.OTR({ priv });
    this.#bob = new otr.OTR({ priv });
    this.#connect(this.#alice, this.#bob);
    this.#connect(this.#bob, this.#alice);
    this.#alice.sendQueryMsg();
    this.#deliver();
  }

  /** One text across; throws if it did not arrive encrypted. */
  say(by: 'alice' | 'bob', text: string): void {
    const before = this.#read;
    (by === 'alice' ? this.#alice : this.#bob).sendMsg(text);
    this.#deliver();
    if (this.#read !== before + 1) throw new Error('otr.js did not deliver');
  }

  #connect(from: Session, to: Session): void {
    from.io = (bodies) => {
      for (const body of typeof bodies === 'string' ? [bodies] : bodies) {
        this.#queue.push(() => {
          to.receiveMsg(body);
        });
      }
    };
    from.on('ui', (_text, encrypted) => {
      this.#read += encrypted ? 1 : 0;
    });
    from.on('error', (message) => {
      throw new Error(message);
    });
  }

  #deliver(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }
}
