// SPDX-License-Identifier: GPL-3.0-or-later
import type { Worker } from 'node:worker_threads';
import { DH_LENGTH, DH_SECRET_LENGTH } from '#otr/crypto/dh3072.ts';
import { type Board, newMemory, STAGE, stageOf, toBoard, turnTo } from './board.ts';

/** A power takes a millisecond. Whoever waits this long would have done better alone. */
const PATIENCE_MS = 250;

/**
 * Powers in the 3072-bit group by native code, five times as fast as BigInt. Its handle takes more than
 * a second to make, so one is made in a worker thread and kept there; this side asks over shared memory
 * and waits. Whenever there is the slightest doubt the answer is undefined, and the asker computes.
 */
export class NativeDh {
  readonly #spawn: (memory: SharedArrayBuffer) => Worker;
  readonly #patienceMs: number;
  #worker: Worker | undefined;
  #board: Board | undefined;

  /** @param spawn starts `dh-worker.ts` with the memory as its `workerData` */
  constructor(spawn: (memory: SharedArrayBuffer) => Worker, patienceMs = PATIENCE_MS) {
    this.#spawn = spawn;
    this.#patienceMs = patienceMs;
  }

  /** Begins to make the handle. Nobody waits for it, and it keeps no process alive. */
  start(): void {
    if (this.#worker !== undefined) return;
    const memory = newMemory();
    const worker = this.#spawn(memory);
    worker.unref();
    worker.on('error', this.stop);
    worker.on('exit', this.stop);
    this.#worker = worker;
    this.#board = toBoard(memory);
  }

  /** From here on everybody computes alone. */
  readonly stop = (): void => {
    const board = this.#board;
    this.#board = undefined;
    if (board === undefined) return;
    void this.#worker?.terminate().then(() => {
      wipe(board);
    });
    wipe(board);
  };

  /**
   * base ^ exponent mod dh_p.
   *
   * @param base     384 bytes, big-endian: an element of the group
   * @param exponent 80 bytes, big-endian; lent
   * @returns 384 bytes, now the caller's; undefined when it must compute alone
   */
  readonly power = (base: Uint8Array, exponent: Uint8Array): Uint8Array | undefined => {
    const board = this.#board;
    if (board === undefined || stageOf(board) === STAGE.starting) return undefined;
    if (base.length !== DH_LENGTH || exponent.length !== DH_SECRET_LENGTH) return undefined;
    if (stageOf(board) !== STAGE.free) {
      this.stop();
      return undefined;
    }
    write(board, base, exponent);
    const result = awaitResult(board, this.#patienceMs);
    if (result === undefined) this.stop();
    return result;
  };
}

function write(board: Board, base: Uint8Array, exponent: Uint8Array): void {
  board.base.set(base);
  board.exponent.set(exponent);
  turnTo(board, STAGE.asked);
}

function awaitResult(board: Board, patienceMs: number): Uint8Array | undefined {
  try {
    Atomics.wait(board.stage, 0, STAGE.asked, patienceMs);
    const result = stageOf(board) === STAGE.answered ? board.result.slice() : undefined;
    if (result === undefined || isTrivial(result)) return undefined;
    return result;
  } catch {
    // A runtime whose main thread may not wait.
    return undefined;
  } finally {
    wipe(board);
    if (stageOf(board) === STAGE.answered) turnTo(board, STAGE.free);
  }
}

/** 0 or 1, which no secret and no element of the group leads to. */
function isTrivial(result: Uint8Array): boolean {
  return result.subarray(0, -1).every((octet) => octet === 0) && (result.at(-1) ?? 0) < 2;
}

function wipe({ base, exponent, result }: Board): void {
  for (const part of [base, exponent, result]) part.fill(0);
}
