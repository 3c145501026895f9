// SPDX-License-Identifier: GPL-3.0-or-later
import type { Wire, World } from '#main/conversation/ports.ts';
import type { PrekeysWorld } from '#main/prekeys/ports.ts';
import type { Tx } from '#main/store/unit-of-work.ts';

/** What nothing survives. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * A program that is killed at one of its steps: before a transaction, within it, after it, before and
 * after whatever it sends. From then on it reaches neither the disk nor the line, as after `kill -9`; what
 * it had committed is there for whoever comes after it.
 */
export class Mortal {
  /** What it did, in order; the last is where it was killed. */
  readonly steps: string[] = [];
  isDead = false;
  readonly #killAt: number;

  /** @param killAt the step that it does not survive; Infinity: it lives */
  constructor(killAt: number) {
    this.#killAt = killAt;
  }

  readonly step = (name: string): void => {
    if (!this.isDead) {
      this.steps.push(name);
      this.isDead = this.steps.length > this.#killAt;
    }
    if (this.isDead) throw new Killed();
  };

  /** Does it, unless it is dead or dies of it. */
  live(work: () => void): void {
    try {
      if (!this.isDead) work();
    } catch (cause) {
      if (!this.isDead) throw cause;
    }
  }

  conversation(world: World): World {
    const { wire } = world;
    return {
      ...world,
      store: { ...world.store, transaction: this.#transaction(world.store.transaction) },
      wire: { ...wire, ...this.#wire(wire) },
      publish: (name, payload) => {
        this.step(`before publishing ${name}`);
        world.publish(name, payload);
      },
      note: () => undefined,
    };
  }

  prekeys(world: PrekeysWorld): PrekeysWorld {
    const { wire, store } = world;
    return {
      ...world,
      store: { ...store, transaction: this.#transaction(store.transaction) },
      wire: {
        ...wire,
        fetchPrekeyServers: async (domain) => {
          this.step('before looking for servers');
          const found = await wire.fetchPrekeyServers(domain);
          this.step('after looking for servers');
          return found;
        },
        sendPrekey: this.#around('a prekey message', wire.sendPrekey),
      },
      breathe: async () => {
        await world.breathe();
        if (this.isDead) this.step('between two pairs');
      },
      note: () => undefined,
    };
  }

  #wire(wire: Wire): Pick<Wire, 'state' | 'sendOtr' | 'sendChat' | 'sendReceipt'> {
    return {
      state: wire.state,
      sendOtr: this.#around('an OTR message', wire.sendOtr),
      sendChat: this.#around('a message in clear', wire.sendChat),
      sendReceipt: this.#around('a receipt', wire.sendReceipt),
    };
  }

  #around<Args extends readonly unknown[], Result>(
    what: string,
    call: (...args: Args) => Result,
  ): (...args: Args) => Result {
    return (...args) => {
      this.step(`before sending ${what}`);
      const result = call(...args);
      this.step(`after sending ${what}`);
      return result;
    };
  }

  #transaction(transaction: <T>(work: (tx: Tx) => T) => T): <T>(work: (tx: Tx) => T) => T {
    return (work) => {
      this.step('before a transaction');
      const result = transaction((tx) => {
        const done = work(tx);
        this.step('within a transaction');
        return done;
      });
      this.step('after a transaction');
      return result;
    };
  }
}
