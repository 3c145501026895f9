// SPDX-License-Identifier: GPL-3.0-or-later

import { toBareJid } from '#otr';
import { serviceLimits } from './limits.ts';

interface Line {
  last: Promise<void>;
  length: number;
}

interface Waiting {
  /** Full address of the sender. */
  readonly from: string;
  readonly body: string;
}

/** One thing at a time for each sender, in the order of arrival; senders do not wait for each other. */
export class Turns {
  readonly #lines = new Map<string, Line>();
  /** Characters that wait, of each account. */
  readonly #chars = new Map<string, number>();
  #allChars = 0;

  get senders(): number {
    return this.#lines.size;
  }

  /** False when too much is waiting already, of the sender or of everybody; `work` is not done then. */
  take({ from, body }: Waiting, work: () => Promise<void>): boolean {
    const line = this.#lines.get(from) ?? { last: Promise.resolve(), length: 0 };
    const account = toBareJid(from);
    if (line.length >= serviceLimits.messagesPerSender) return false;
    if (!this.#hasRoom(account, body.length)) return false;
    this.#hold(account, body.length);
    line.length += 1;
    line.last = line.last.then(work).finally(() => {
      this.#hold(account, -body.length);
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(from);
    });
    this.#lines.set(from, line);
    return true;
  }

  /** When everything that is waiting now is done. */
  async done(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => last));
  }

  #hasRoom(account: string, chars: number): boolean {
    const held = this.#chars.get(account) ?? 0;
    const { waitingChars, waitingCharsPerAccount } = serviceLimits;
    return held + chars <= waitingCharsPerAccount && this.#allChars + chars <= waitingChars;
  }

  #hold(account: string, chars: number): void {
    const held = (this.#chars.get(account) ?? 0) + chars;
    this.#allChars += chars;
    if (held === 0) this.#chars.delete(account);
    else this.#chars.set(account, held);
  }
}
