// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Data Types": what can be wrong with bytes from a peer.

/** What was wrong with bytes from a peer. */
export type OtrErrorCode =
  | 'bad-armor'
  | 'bad-count'
  | 'bad-dh-element'
  | 'bad-field'
  | 'bad-key-type'
  | 'bad-length'
  | 'bad-mac'
  | 'bad-mpi'
  | 'bad-point'
  | 'bad-proof'
  | 'bad-scalar'
  | 'bad-shared-secret'
  | 'bad-signature'
  | 'bad-tag'
  | 'bad-versions'
  | 'duplicate-field'
  | 'equal-keys'
  | 'expired'
  | 'missing-field'
  | 'too-large'
  | 'too-many'
  | 'trailing-bytes'
  | 'truncated'
  | 'wrong-type'
  | 'wrong-version';

/** A malformed OTR message. Carries where and what kind, never the bytes themselves. */
export class OtrError extends Error {
  override readonly name = 'OtrError';
  readonly code: OtrErrorCode;
  readonly field: string;

  constructor(code: OtrErrorCode, field: string) {
    super(`${code} at ${field}`);
    this.code = code;
    this.field = field;
  }
}

/** What `read` returns; undefined when it throws an {@link OtrError}. A fault of our own goes on. */
export function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof OtrError) return undefined;
    throw cause;
  }
}
