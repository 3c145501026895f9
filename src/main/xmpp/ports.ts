// SPDX-License-Identifier: GPL-3.0-or-later

import type { SrvRecord } from 'node:dns';
import type { Logger } from '#main/log/logger.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back once after the delay; the returned function gives the call up. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** Cryptographically secure bytes. */
export type Random = (length: number) => Uint8Array;

/** Looks up one SRV name (RFC 2782). Rejects when there is none. */
export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>;

export interface HttpsRequest {
  readonly url: string;
  /** Media types that the answer may have. */
  readonly types: readonly string[];
  readonly extraCertificates: readonly string[];
  readonly signal: AbortSignal;
}

/** Fetches a small text from a server that its certificate proves. Undefined if there is none. */
export type ReadHttps = (request: HttpsRequest) => Promise<string | undefined>;

/** Writes to the log: events and words that the log room has declared, nothing from the wire. */
export type Note = Logger['write'];

export interface XmppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly note: Note;
  /** Default: the resolver of the operating system. */
  readonly resolveSrv?: ResolveSrv;
  /** Default: over a connection of our own. */
  readonly readHttps?: ReadHttps;
}
