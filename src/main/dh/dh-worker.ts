// SPDX-License-Identifier: GPL-3.0-or-later
// Entry of a worker thread: makes the one native handle of the process, then computes with it.
import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { DH_LENGTH, DH_MODULUS, DH_SECRET_LENGTH, powerInDhGroup } from '#otr/crypto/dh3072.ts';
import { type Board, STAGE, toBoard, turnTo } from './board.ts';

/** Takes the place of a secret in the handle once that has been used. */
const NOTHING = Buffer.of(1);

/** base ^ exponent, big-endian, as many bytes as the modulus. */
function power(handle: DiffieHellman, base: Uint8Array, exponent: Uint8Array): Buffer {
  const secret = Buffer.from(exponent);
  handle.setPrivateKey(secret);
  try {
    return handle.computeSecret(base);
  } finally {
    handle.setPrivateKey(NOTHING);
    secret.fill(0);
  }
}

/** Whether the handle computes what our own arithmetic computes. */
function isSound(handle: DiffieHellman): boolean {
  const base = Buffer.alloc(DH_LENGTH, 0x5a);
  const exponent = Buffer.alloc(DH_SECRET_LENGTH, 0xa5);
  return power(handle, base, exponent).equals(powerInDhGroup(base, exponent));
}

/** Does what is asked, for as long as the thread lives: it is ended from outside. */
function serve(board: Board, handle: DiffieHellman): void {
  for (;;) {
    Atomics.wait(board.stage, 0, STAGE.free);
    // Our own memory: native code takes no shared one.
    const exponent = Buffer.from(board.exponent);
    board.exponent.fill(0);
    try {
      const result = power(handle, Buffer.from(board.base), exponent);
      board.result.set(result);
      result.fill(0);
      turnTo(board, STAGE.answered);
      Atomics.wait(board.stage, 0, STAGE.answered);
    } finally {
      exponent.fill(0);
    }
  }
}

const board = toBoard(workerData as SharedArrayBuffer);
try {
  const handle = createDiffieHellman(DH_MODULUS.toString(16), 'hex', 2);
  if (!isSound(handle)) throw new RangeError('the native arithmetic is wrong');
  turnTo(board, STAGE.free);
  serve(board, handle);
} finally {
  turnTo(board, STAGE.failed);
}
