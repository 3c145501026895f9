// SPDX-License-Identifier: GPL-3.0-or-later
import type { Sink, SinkLine } from './logger.ts';

export interface LogEntry {
  readonly at: number;
  readonly line: SinkLine;
}

export interface RingBuffer {
  readonly sink: Sink;
  /** Oldest first. */
  readonly entries: () => readonly LogEntry[];
  readonly clear: () => void;
}

/** Keeps the latest lines in memory and forgets the rest. Nothing reaches the disk from here. */
export function createRingBuffer(capacity: number, now: () => number): RingBuffer {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError('capacity');
  let entries: LogEntry[] = [];
  return {
    sink: (line) => {
      entries.push({ at: now(), line });
      // In batches, since moving the whole array for each line would cost more than the line.
      if (entries.length >= 2 * capacity) entries = entries.slice(-capacity);
    },
    entries: () => entries.slice(-capacity),
    clear: () => {
      entries = [];
    },
  };
}
