// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Receiving an Identity Message": how often anyone may make us work.

import { equalBytes } from '../crypto/constant-time.ts';
import { LIMITS } from '../limits.ts';

/** What was done lately at the bidding of messages that anyone can write. Monotonic clock, ms. */
export interface Throttle {
  /** When the next Identity message would be due if they came at the allowed pace. */
  readonly nextIdentityAt: number;
  readonly lastErrorReplyAt: number;
  /** A query was answered, or a key exchange completed. */
  readonly lastQueryAt: number;
  /** Y of the key exchanges that became sessions, newest last: a replay is not answered. */
  readonly usedIdentities: readonly Uint8Array[];
}

export const NO_THROTTLE: Throttle = {
  nextIdentityAt: Number.NEGATIVE_INFINITY,
  lastErrorReplyAt: Number.NEGATIVE_INFINITY,
  lastQueryAt: Number.NEGATIVE_INFINITY,
  usedIdentities: [],
};

const USED_IDENTITIES = 64;

/** @returns undefined when an Identity message is one too many */
export function admitIdentity(throttle: Throttle, now: number): Throttle | undefined {
  const slack = (LIMITS.identityBurst - 1) * LIMITS.identityIntervalMs;
  if (throttle.nextIdentityAt - now > slack) return undefined;
  const from = Math.max(now, throttle.nextIdentityAt);
  return { ...throttle, nextIdentityAt: from + LIMITS.identityIntervalMs };
}

/** @returns undefined when the peer was told of an error not long ago */
export function admitErrorReply(throttle: Throttle, now: number): Throttle | undefined {
  if (now - throttle.lastErrorReplyAt < LIMITS.errorReplyIntervalMs) return undefined;
  return { ...throttle, lastErrorReplyAt: now };
}

/** @returns undefined when a query was answered, or a key exchange completed, not long ago */
export function admitQuery(throttle: Throttle, now: number): Throttle | undefined {
  if (now - throttle.lastQueryAt < LIMITS.queryIntervalMs) return undefined;
  return { ...throttle, lastQueryAt: now };
}

export function rememberIdentity(throttle: Throttle, y: Uint8Array): Throttle {
  return { ...throttle, usedIdentities: [...throttle.usedIdentities, y].slice(-USED_IDENTITIES) };
}

export function isUsedIdentity(throttle: Throttle, y: Uint8Array): boolean {
  return throttle.usedIdentities.some((used) => equalBytes(used, y));
}
