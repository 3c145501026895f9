// SPDX-License-Identifier: GPL-3.0-or-later
import * as v from 'valibot';
import type { FileSteps } from './durable-files.ts';
import { replaceDurably } from './durable-files.ts';

/** Wrong passphrases in a row, and when the last one came. */
export interface Attempts {
  readonly failed: number;
  readonly lastAt: number;
}

const NONE: Attempts = { failed: 0, lastAt: 0 };
const MAX_DELAY_MS = 60_000;
const Stored = v.strictObject({
  failed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  lastAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** 0, 0, 1, 2, 4 … 60 seconds after the first, second, third … wrong passphrase. */
export function delayMs(failed: number): number {
  return failed < 3 ? 0 : Math.min(MAX_DELAY_MS, 1000 * 2 ** Math.min(failed - 3, 16));
}

/** When the next passphrase is looked at; `undefined` if at once. */
export function retryAt({ failed, lastAt }: Attempts, now: number): number | undefined {
  const delay = delayMs(failed);
  // A clock that was set back must not lock the user out for longer than the delay itself.
  const at = Math.min(lastAt, now) + delay;
  return delay > 0 && at > now ? at : undefined;
}

/** A broken counter counts nothing: it must not lock the user out. */
export function loadAttempts(files: FileSteps, path: string): Attempts {
  const bytes = files.read(path);
  if (bytes === undefined || bytes.length > 1000) return NONE;
  try {
    return v.parse(Stored, JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return NONE;
  }
}

export function saveAttempts(files: FileSteps, path: string, attempts: Attempts): void {
  replaceDurably(files, path, Buffer.from(`${JSON.stringify(attempts)}\n`));
}
