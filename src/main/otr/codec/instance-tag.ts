// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Instance Tags": the names of the clients of one account.

import type { InstanceTag } from '../bytes.ts';
import { drawInt } from '../crypto/integer.ts';
import type { Env } from '../env.ts';
import { OtrError } from '../errors.ts';

const SMALLEST = 0x100;

/** "No tag known yet" in the receiver's place. */
export const NO_TAG = 0;

/** Who a message is for: a tag, or `0` while the sender does not know one. */
export type ReceiverTag = InstanceTag | typeof NO_TAG;

/**
 * @throws {OtrError} `bad-tag` below 0x100
 * @see OTRv4 "Instance Tags"
 */
export function validateInstanceTag(value: number, field: string): InstanceTag {
  if (!Number.isInteger(value) || value < SMALLEST || value > 0xffffffff) {
    throw new OtrError('bad-tag', field);
  }
  return value as InstanceTag;
}

/** As {@link validateInstanceTag}, but 0 is allowed. */
export function validateReceiverTag(value: number, field: string): ReceiverTag {
  return value === NO_TAG ? NO_TAG : validateInstanceTag(value, field);
}

/** A random tag for a client that has none yet. It is kept for the life of the client. */
export function createInstanceTag(env: Env): InstanceTag {
  for (;;) {
    const value = drawInt(env);
    if (value >= SMALLEST) return validateInstanceTag(value, 'own-tag');
  }
}
