// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Deletion of Stored Message Keys": keys of messages that are still missing.

import type { EcdhPublic } from '../crypto/ed448.ts';
import { equalBytes } from '../crypto/constant-time.ts';
import { deriveMacKey } from './chain.ts';
import type { ExtraKey, MacKey, MessageKey } from './chain.ts';

/** The keys of one message that has not arrived although a later one has. */
export interface SkippedKey {
  /** The sender's ratchet key: with the message id it names the message. */
  readonly ecdh: EcdhPublic;
  readonly messageId: number;
  readonly messageKey: MessageKey;
  readonly extraKey: ExtraKey;
  /** Monotonic clock, milliseconds. */
  readonly storedAt: number;
}

/** Oldest first. */
export type SkippedKeys = readonly SkippedKey[];

export interface SkippedLimits {
  readonly skippedKeys: number;
  /** Chains of the peer that may have keys here. */
  readonly skippedChains: number;
}

export function findSkipped(
  keys: SkippedKeys,
  ecdh: Uint8Array,
  messageId: number,
): SkippedKey | undefined {
  return keys.find((key) => key.messageId === messageId && equalBytes(key.ecdh, ecdh));
}

/**
 * Splits off what no longer fits: the keys of the oldest chains, then the oldest keys.
 * @see OTRv4 "Deletion of Stored Message Keys"
 */
export function evictSkipped(
  keys: SkippedKeys,
  limits: SkippedLimits,
): { readonly kept: SkippedKeys; readonly evicted: SkippedKeys } {
  // Stryker disable next-line ArrayDeclaration: one more in front is the first to go, and has no keys
  const chains: EcdhPublic[] = [];
  for (const { ecdh } of keys) {
    const last = chains.at(-1);
    if (last === undefined || !isSameChain(last, ecdh)) chains.push(ecdh);
  }
  const oldest = chains.slice(0, Math.max(0, chains.length - limits.skippedChains));
  const ofOldest = keys.filter(({ ecdh }) => oldest.some((old) => equalBytes(old, ecdh))).length;
  const cut = Math.max(ofOldest, keys.length - limits.skippedKeys, 0);
  return { kept: keys.slice(cut), evicted: keys.slice(0, cut) };
}

/** Keys that were passed over together share the array: comparing a thousand pairs takes its time. */
function isSameChain(left: EcdhPublic, right: EcdhPublic): boolean {
  // Stryker disable next-line ConditionalExpression: a shortcut, the same array has the same bytes
  return left === right || equalBytes(left, right);
}

/** Splits off keys stored at `deadline` or before. */
export function expireSkipped(
  keys: SkippedKeys,
  deadline: number,
): { readonly kept: SkippedKeys; readonly evicted: SkippedKeys } {
  const cut = keys.findIndex(({ storedAt }) => storedAt > deadline);
  const at = cut === -1 ? keys.length : cut;
  return { kept: keys.slice(at), evicted: keys.slice(0, at) };
}

/** What becomes of a key that is given up: its MAC key may be revealed, the rest is to be wiped. */
export function toMacKeys(keys: SkippedKeys): readonly MacKey[] {
  return keys.map(({ messageKey }) => deriveMacKey(messageKey));
}

/** All secrets of the entries, for retiring. */
export function toSecrets(keys: SkippedKeys): readonly (MessageKey | ExtraKey)[] {
  return keys.flatMap(({ messageKey, extraKey }) => [messageKey, extraKey]);
}
