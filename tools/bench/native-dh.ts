// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { NativeDh } from '#main/dh/native-dh.ts';
import { DH_MODULUS, generateDh, powerInDhGroup } from '#otr/crypto/dh3072.ts';
import { encodeBigEndian } from '#otr/crypto/integer.ts';
import { randomGroupElement } from './literal.ts';
import { duel } from './measure.ts';
import { env } from './parties.ts';
import { type Figure, toFigure } from './report.ts';

const AGAINST = 'BigInt, 5-bit window';
const ENTRY = new URL('../../src/main/dh/dh-worker.ts', import.meta.url);
const LONGEST_WAIT_MS = 60_000;

/** Secrets by the native handle and keys by the comb, both against the plain power. */
export async function benchNativeDh(): Promise<readonly Figure[]> {
  const native = new NativeDh((workerData) => new Worker(ENTRY, { workerData }), LONGEST_WAIT_MS);
  const base = encodeBigEndian(randomGroupElement() % DH_MODULUS, 384);
  const exponent = new Uint8Array(randomBytes(80));
  native.start();
  while (native.power(base, exponent) === undefined) await setTimeout(100);
  const alone = { work: () => void powerInDhGroup(base, exponent) };
  const options = { rounds: 25, repeats: 1 };
  const secret = await duel({ work: () => void native.power(base, exponent) }, alone, options);
  const keys = await duel({ work: () => void generateDh(env) }, alone, options);
  native.stop();
  return [
    toFigure({
      id: 'P6',
      what: 'DH shared secret, native handle in its worker',
      ...secret,
      unit: 'ms',
      against: AGAINST,
      goal: 0.25,
    }),
    toFigure({
      id: 'P6a',
      what: 'DH key pair, fixed-base comb',
      ...keys,
      unit: 'ms',
      against: AGAINST,
      goal: 0.18,
    }),
  ];
}
