// SPDX-License-Identifier: GPL-3.0-or-later

import { createHmac } from 'node:crypto';

declare const accountHash: unique symbol;

/** Tells one account from another within one run of the program. Made only by {@link AddressHasher}. */
export type AccountHash = string & { readonly [accountHash]: true };

export type StreamFailure =
  | 'refused'
  | 'no-such-host'
  | 'timeout'
  | 'lost'
  | 'closed'
  | 'not-xmpp'
  | 'not-authorized'
  | 'host-unknown'
  | 'conflict'
  | 'stalled'
  | 'stream-error';

export type StoreKind = 'sqlite' | 'postgresql';

/** Everything that may be logged. No field is free text: no address and no message gets in. */
export type LogEvent =
  | { readonly event: 'started'; readonly workers: number; readonly store: StoreKind }
  | { readonly event: 'stream.ready'; readonly attempt: number }
  | {
      readonly event: 'stream.down';
      readonly reason: StreamFailure;
      readonly attempt: number;
      readonly retryInMs: number;
    }
  | { readonly event: 'ignored'; readonly why: IgnoredWord; readonly account: AccountHash }
  | { readonly event: 'published'; readonly account: AccountHash; readonly stored: boolean }
  | { readonly event: 'rejected'; readonly account: AccountHash }
  | { readonly event: 'store.failed'; readonly during: 'publish' | 'count' | 'take' | 'sweep' }
  | { readonly event: 'store.back' }
  | { readonly event: 'worker.died'; readonly worker: number }
  | { readonly event: 'swept'; readonly rows: number }
  | { readonly event: 'failed'; readonly kind: 'error' | 'type-error' | 'range-error' }
  | { readonly event: 'stopped' };

/** Why a message got no answer. */
export type IgnoredWord =
  | 'not-allowed'
  | 'malformed'
  | 'unexpected'
  | 'invalid'
  | 'rate-limited'
  | 'full'
  | 'fragment'
  | 'nothing-to-do'
  | 'busy'
  | 'no-message'
  | 'worker-gone';

export type Log = (event: LogEvent) => void;

/** Lines of one kind within a minute; whoever floods the server must not flood its disk. */
const LINES_PER_MINUTE = 30;
const MINUTE_MS = 60_000;

/**
 * One JSON object on a line for each event.
 *
 * @param write   takes a line with its line feed
 * @param nowMs   wall clock
 */
export function createLog(write: (line: string) => void, nowMs: () => number): Log {
  const written = new Map<string, number>();
  let minute = 0;
  return (event) => {
    const now = nowMs();
    const current = Math.floor(now / MINUTE_MS);
    if (current !== minute) {
      minute = current;
      written.clear();
    }
    const count = (written.get(event.event) ?? 0) + 1;
    written.set(event.event, count);
    if (count > LINES_PER_MINUTE) return;
    const more = count === LINES_PER_MINUTE ? { restOfMinute: 'not-logged' } : {};
    write(`${JSON.stringify({ at: new Date(now).toISOString(), ...event, ...more })}\n`);
  };
}

const HASH_DIGITS = 16;

/** Turns addresses into what a log may hold. The salt is never written anywhere. */
export class AddressHasher {
  readonly #salt: Uint8Array;

  /** @param salt 32 fresh random bytes for each run */
  constructor(salt: Uint8Array) {
    this.#salt = salt;
  }

  /** Of the bare address. */
  hash(jid: string): AccountHash {
    const [bare = ''] = jid.split('/', 1);
    const digits = createHmac('sha256', this.#salt).update(bare).digest('hex');
    return digits.slice(0, HASH_DIGITS) as AccountHash;
  }
}
