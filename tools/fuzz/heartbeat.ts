// SPDX-License-Identifier: GPL-3.0-or-later

import type { Input } from './target.ts';

const MOST_BYTES = 2 * 1024 * 1024;
const IS_TEXT = 1;
const IS_BYTES = 2;

/** What the thread that tries is trying, for the thread that watches it: a hang cannot tell itself. */
export interface Heartbeat {
  readonly shared: SharedArrayBuffer;
  readonly beat: (input: Input) => void;
  /** Grows with every input. */
  readonly count: () => number;
  readonly current: () => Input;
}

/** @param shared of the other thread's heartbeat; a new one when not given */
export function heartbeat(shared = new SharedArrayBuffer(MOST_BYTES + 16)): Heartbeat {
  const head = new Int32Array(shared, 0, 4);
  const body = Buffer.from(shared, 16, MOST_BYTES);
  return {
    shared,
    beat: (input) => {
      const isText = typeof input === 'string';
      if (isText) head[1] = body.write(input, 'utf16le');
      else {
        body.set(input.subarray(0, MOST_BYTES));
        head[1] = Math.min(input.length, MOST_BYTES);
      }
      head[2] = isText ? IS_TEXT : IS_BYTES;
      Atomics.add(head, 0, 1);
    },
    count: () => Atomics.load(head, 0),
    current: () => {
      const bytes = Buffer.from(body.subarray(0, head[1] ?? 0));
      return head[2] === IS_TEXT ? bytes.toString('utf16le') : new Uint8Array(bytes);
    },
  };
}
