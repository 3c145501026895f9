// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Client Profile Data Type", "Prekey Profile Data Type": the date on which either expires.

import { OtrError } from '../errors.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Latest instant a calendar knows, in seconds: what lies beyond is nonsense, not a date. */
const LATEST_SECOND = 8_640_000_000_000n;
const SECOND_MS = 1000;

/**
 * @returns milliseconds since the epoch; may lie in the past
 * @throws {OtrError} `bad-field` for a number that is no date
 */
export function readExpiration(read: Reader, field: string): number {
  const seconds = read.long(field);
  if (seconds < -LATEST_SECOND || seconds > LATEST_SECOND) throw new OtrError('bad-field', field);
  return Number(seconds) * SECOND_MS;
}

/** @param expiresAt milliseconds since the epoch; written in whole seconds, rounded down */
export function writeExpiration(write: Writer, expiresAt: number): Writer {
  return write.long(BigInt(Math.floor(expiresAt / SECOND_MS)));
}

/** The instant that is left of one once it is written: the whole second. */
export function toWholeSecond(instantMs: number): number {
  return Math.floor(instantMs / SECOND_MS) * SECOND_MS;
}
