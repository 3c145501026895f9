// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Revealing MAC Keys": the MAC keys that are published.

import { gather } from '../crypto/secret.ts';
import type { Secret } from '../crypto/secret.ts';
import type { MacKey } from './chain.ts';

/** MAC keys of messages that were received, or never will be; oldest first. */
export type MacKeysToReveal = readonly MacKey[];

/**
 * Queues keys for revealing. A peer who sends without end while nothing can be sent back must not
 * make this grow without end: beyond `limit` the oldest keys are given up, unrevealed.
 *
 * @see OTRv4 "Revealing MAC Keys"
 */
export function queueMacKeys(
  queued: MacKeysToReveal,
  added: readonly MacKey[],
  limit: number,
): { readonly queued: MacKeysToReveal; readonly dropped: readonly Secret[] } {
  const all = [...queued, ...added];
  if (all.length <= limit) return { queued: all, dropped: [] };
  const excess = all.length - limit;
  return { queued: all.slice(excess), dropped: all.slice(0, excess) };
}

/** The "old MAC keys" field: 64 bytes per key. From here on they are public. */
export function toRevealedBytes(keys: MacKeysToReveal): Uint8Array {
  return gather(keys);
}
