// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { STAGE, toBoard } from '#main/dh/board.ts';
import { NativeDh } from '#main/dh/native-dh.ts';
import { DH_MODULUS, dhShared, powerInDhGroup, validateDhElement } from '#otr/crypto/dh3072.ts';
import { encodeBigEndian } from '#otr/crypto/integer.ts';
import { Secret } from '#otr/crypto/secret.ts';

const ENTRY = new URL('../../src/main/dh/dh-worker.ts', import.meta.url);
const exponent = (): Uint8Array => new Uint8Array(randomBytes(80));
/** 4, which is a square. */
const four = encodeBigEndian(4n, 384);

/** A handle whose worker is `source`, or the real one, and the memory the two share. */
function open(source?: string, patienceMs?: number) {
  let memory = new SharedArrayBuffer(0);
  const workers: Worker[] = [];
  const native = new NativeDh((shared) => {
    memory = shared;
    const worker =
      source === undefined
        ? new Worker(ENTRY, { workerData: shared })
        : new Worker(source, { eval: true, workerData: shared });
    workers.push(worker);
    return worker;
  }, patienceMs);
  native.start();
  return { native, memory: () => memory, workers };
}

async function untilReady(memory: SharedArrayBuffer): Promise<void> {
  const { stage } = toBoard(memory);
  const { value } = Atomics.waitAsync(stage, 0, STAGE.starting, 50_000);
  await value;
  expect(Atomics.load(stage, 0)).toBe(STAGE.free);
}

const isWiped = (memory: SharedArrayBuffer): boolean => {
  const { base, exponent: secret, result } = toBoard(memory);
  return [base, secret, result].every((part) => part.every((octet) => octet === 0));
};

describe('native powers', () => {
  const real = open(undefined, 30_000);

  beforeAll(() => untilReady(real.memory()));
  afterAll(() => {
    real.native.stop();
  });

  it('perf:P6 are what our own arithmetic computes', () => {
    const element = fc.bigInt({ min: 2n, max: DH_MODULUS - 2n });
    const secret = fc.uint8Array({ minLength: 80, maxLength: 80 });
    fc.assert(
      fc.property(element, secret, (value, bytes) => {
        fc.pre(bytes.some((octet) => octet !== 0));
        const base = encodeBigEndian(value, 384);
        expect(real.native.power(base, bytes)).toEqual(powerInDhGroup(base, bytes));
      }),
      { numRuns: 12 },
    );
  });

  it('perf:P6 are the same at the edges of the group and of exponents', () => {
    const edges = [2n, 4n, 1n << 64n, DH_MODULUS - 4n, DH_MODULUS - 2n];
    const one = encodeBigEndian(1n, 80);
    const exponents = [one, encodeBigEndian(2n, 80), new Uint8Array(80).fill(0xff)];
    for (const base of edges.map((value) => encodeBigEndian(value, 384))) {
      for (const secret of exponents) {
        expect(real.native.power(base, secret)).toEqual(powerInDhGroup(base, secret));
      }
    }
  });

  it('sec:T-K-ZERO-1 leave neither exponent nor result in the memory that is shared', () => {
    const secret = exponent();
    const before = secret.slice();
    expect(real.native.power(four, secret)).toHaveLength(384);
    expect(isWiped(real.memory())).toBe(true);
    expect(secret).toEqual(before);
  });

  it('serve the engine, which gets the same secret either way', () => {
    const theirs = validateDhElement(4n, 'dh');
    const bytes = exponent();
    const ours = () => Secret.own(bytes.slice(), 80);
    const asked: number[] = [];
    const dhPower = (base: Uint8Array, secret: Uint8Array) => {
      asked.push(base.length, secret.length);
      return real.native.power(base, secret);
    };
    const shared = dhShared(ours(), theirs, { dhPower }).lend((k) => k.slice());
    expect(shared).toEqual(dhShared(ours(), theirs).lend((k) => k.slice()));
    expect(asked).toEqual([384, 80]);
    expect(dhShared(ours(), theirs, { dhPower: () => undefined }).lend((k) => k.slice())).toEqual(
      shared,
    );
  });

  it('are refused for other lengths, which is no reason to give up', () => {
    expect(real.native.power(four.subarray(1), exponent())).toBeUndefined();
    expect(real.native.power(four, exponent().subarray(1))).toBeUndefined();
    expect(real.native.power(four, exponent())).toHaveLength(384);
  });
});

describe('whoever wants a power computes alone', () => {
  const opened: ReturnType<typeof open>[] = [];
  afterEach(() => {
    for (const { native } of opened.splice(0)) native.stop();
  });
  const begin = (source?: string) => {
    const one = open(source);
    opened.push(one);
    return one;
  };
  const BOARD = `
    const { workerData } = require('node:worker_threads');
    const stage = new Int32Array(workerData, 0, 1);
    const turnTo = (to) => { Atomics.store(stage, 0, to); Atomics.notify(stage, 0); };
  `;

  it('before anything was started, and until the handle is there', () => {
    expect(new NativeDh(() => new Worker('', { eval: true })).power(four, exponent())).toBe(
      undefined,
    );
    const { native, memory } = begin('setInterval(() => undefined, 1000)');
    expect(native.power(four, exponent())).toBeUndefined();
    expect(isWiped(memory())).toBe(true);
  });

  it.each([
    ['the worker does not answer in time', 'turnTo(1); setInterval(() => undefined, 1000);'],
    [
      'the worker fails',
      'turnTo(1); Atomics.wait(stage, 0, 1); turnTo(4); setInterval(() => undefined, 1000);',
    ],
    [
      'the answer is no element',
      'turnTo(1); Atomics.wait(stage, 0, 1); turnTo(3); setInterval(() => undefined, 1000);',
    ],
    ['the handle cannot be made', 'turnTo(4); setInterval(() => undefined, 1000);'],
  ])('when %s, and never asks again', async (_, source) => {
    const { native, memory, workers } = begin(BOARD + source);
    const { stage } = toBoard(memory());
    await Atomics.waitAsync(stage, 0, STAGE.starting, 50_000).value;
    expect(native.power(four, exponent())).toBeUndefined();
    expect(isWiped(memory())).toBe(true);
    Atomics.store(stage, 0, STAGE.free);
    expect(native.power(four, exponent())).toBeUndefined();
    expect(Atomics.load(stage, 0)).toBe(STAGE.free);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('when the worker dies', async () => {
    const { native, workers } = begin('throw new Error("no worker")');
    await new Promise((resolve) => workers[0]?.once('exit', resolve));
    expect(native.power(four, exponent())).toBeUndefined();
  });

  it('after it was stopped, with nothing left behind', () => {
    const { native, memory } = begin(`${BOARD} turnTo(1); setInterval(() => undefined, 1000);`);
    native.stop();
    expect(native.power(four, exponent())).toBeUndefined();
    expect(isWiped(memory())).toBe(true);
  });
});

describe('the worker', () => {
  it('keeps no process alive, and is made once', () => {
    const program = `
      import { Worker } from 'node:worker_threads';
      import { NativeDh } from '${new URL('../../src/main/dh/native-dh.ts', import.meta.url).href}';
      let made = 0;
      const native = new NativeDh((workerData) => {
        made += 1;
        return new Worker(new URL('${ENTRY.href}'), { workerData });
      });
      native.start();
      native.start();
      console.log(made);
    `;
    const args = ['--input-type=module', '--eval', program];
    expect(execFileSync(process.execPath, args, { timeout: 50_000 }).toString()).toBe('1\n');
  });
});
