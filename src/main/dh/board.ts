// SPDX-License-Identifier: GPL-3.0-or-later
import { DH_LENGTH, DH_SECRET_LENGTH } from '#otr/crypto/dh3072.ts';

/** The memory that both threads see. A task is written on it, and wiped off it by both sides. */
export interface Board {
  /** One word: what is on the board. Whoever changes it wakes the other side. */
  readonly stage: Int32Array;
  readonly base: Uint8Array;
  readonly exponent: Uint8Array;
  readonly result: Uint8Array;
}

export const STAGE = {
  /** The worker is not ready yet. */
  starting: 0,
  /** The worker waits for a task. */
  free: 1,
  /** A task is on the board. */
  asked: 2,
  /** Its result is. */
  answered: 3,
  /** The worker could not do it, or will never be ready. */
  failed: 4,
} as const;

const STAGE_LENGTH = 4;
const BOARD_LENGTH = STAGE_LENGTH + 2 * DH_LENGTH + DH_SECRET_LENGTH;

export function newMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BOARD_LENGTH);
}

export function toBoard(memory: SharedArrayBuffer): Board {
  const result = STAGE_LENGTH + DH_LENGTH;
  return {
    stage: new Int32Array(memory, 0, 1),
    base: new Uint8Array(memory, STAGE_LENGTH, DH_LENGTH),
    result: new Uint8Array(memory, result, DH_LENGTH),
    exponent: new Uint8Array(memory, result + DH_LENGTH, DH_SECRET_LENGTH),
  };
}

/** Says what is on the board now. */
export function turnTo({ stage }: Board, to: number): void {
  Atomics.store(stage, 0, to);
  Atomics.notify(stage, 0);
}

export function stageOf({ stage }: Board): number {
  return Atomics.load(stage, 0);
}
