// SPDX-License-Identifier: GPL-3.0-or-later

import { serviceLimits } from './limits.ts';

interface Line {
  last: Promise<void>;
  length: number;
}

/** One thing at a time for each sender, in the order of arrival; senders do not wait for each other. */
export class Turns {
  readonly #lines = new Map<string, Line>();

  get senders(): number {
    return this.#lines.size;
  }

  /** False when the sender has too much waiting already; `work` is not done then. */
  take(sender: string, work: () => Promise<void>): boolean {
    const line = this.#lines.get(sender) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= serviceLimits.messagesPerSender) return false;
    line.length += 1;
    line.last = line.last.then(work).finally(() => {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(sender);
    });
    this.#lines.set(sender, line);
    return true;
  }

  /** When everything that is waiting now is done. */
  async done(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => last));
  }
}
