// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { Reader } from '#otr/codec/reader.ts';
import { Writer } from '#otr/codec/writer.ts';
import { equalBytes } from '#otr/crypto/constant-time.ts';

import { Coverage } from '../../tools/fuzz/coverage.ts';
import { recordFields } from '../../tools/fuzz/fields.ts';
import { inputOf, readKept, writeFinding } from '../../tools/fuzz/findings.ts';
import { heartbeat } from '../../tools/fuzz/heartbeat.ts';
import { asBytes, expectThat, refusal, type Input } from '../../tools/fuzz/target.ts';
import type { Target, TargetPlan, Wrong } from '../../tools/fuzz/target.ts';
import { Trial } from '../../tools/fuzz/trial.ts';
import { watch } from '../../tools/fuzz/watch.ts';

const coverage = new Coverage();
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => {
  coverage.close();
  rmSync(folder, { recursive: true });
});

/** type BYTE | text DATA, at most 32 bytes. */
function readText(read: Reader): Uint8Array {
  read.byte('type');
  return read.data(32, 'text');
}

function decode(bytes: Uint8Array): Uint8Array {
  const read = new Reader(bytes);
  const text = readText(read);
  read.end('text');
  return text;
}

const SEED = new Writer()
  .byte(7)
  .data(Uint8Array.of(1, 2, 3))
  .finish();

function planOf(attempt: (bytes: Uint8Array) => string, rest: Partial<Target> = {}): TargetPlan {
  return {
    name: 'small',
    tries: [],
    boundMs: 25,
    batch: 200,
    make: () => ({ seeds: [SEED], attempt: (input) => attempt(asBytes(input)), ...rest }),
  };
}

function attemptWith(read: (bytes: Uint8Array) => Uint8Array): (bytes: Uint8Array) => string {
  return (bytes) => {
    try {
      const again = new Writer()
        .byte(bytes[0] ?? 0)
        .data(read(bytes))
        .finish();
      expectThat(equalBytes(again, bytes), 'two-spellings', 'written otherwise');
      return 'read';
    } catch (cause) {
      return refusal(cause);
    }
  };
}

function findingsOf(plan: TargetPlan, seed = 'test'): Trial {
  const trial = new Trial(plan, { seed, coverage });
  for (let turn = 0; turn < 12 && trial.findings.length === 0; turn += 1) trial.runFor(10);
  return trial;
}

function expectFound(plan: TargetPlan, wrong: Wrong): Input | undefined {
  const { findings } = findingsOf(plan);
  const [first] = findings;
  expect(first?.wrong).toBe(wrong);
  return first?.input;
}

describe('the fuzzer', () => {
  it('has nothing to say about a decoder that is right', () => {
    const trial = findingsOf(planOf(attemptWith(decode)));
    expect(trial.findings).toEqual([]);
    expect(trial.report().inputs).toBeGreaterThan(500);
    expect(trial.report().kept).toBeGreaterThan(3);
  });

  it('sec:O8 finds a decoder that does not look whether anything follows', () => {
    const input = expectFound(
      planOf(attemptWith((bytes) => readText(new Reader(bytes)))),
      'two-spellings',
    );
    expect(input?.length).toBeGreaterThan(SEED.length);
  });

  it('sec:O1 finds a length that is trusted before it is checked', () => {
    const trusting = (bytes: Uint8Array): Uint8Array => {
      const read = new Reader(bytes);
      read.byte('type');
      const length = read.int('length');
      const text = new Uint8Array(length < 64 ? length : length * 2 ** 40);
      text.set(read.fixed(length, 'text'));
      read.end('text');
      return text;
    };
    expectFound(planOf(attemptWith(trusting)), 'crash');
  });

  it('sec:O2 finds what takes long, and does not blame it on one slow moment', () => {
    let waits = 0;
    const wait = (ms: number): void => {
      waits += 1;
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    const everNow = planOf((bytes) => {
      if (waits < 1 && bytes[0] !== 7) wait(60);
      return 'read';
    });
    expect(findingsOf(everNow).findings).toEqual([]);
    expect(waits).toBe(1);
    const always = planOf((bytes) => {
      if (bytes[0] === 0xff) wait(60);
      return 'read';
    });
    expectFound(always, 'slow');
  });

  it('sec:O4 finds the one input that changed what it was only lent', () => {
    const make = (): Target => {
      const shared = { count: 0 };
      return {
        seeds: [SEED],
        attempt: (input) => {
          if (asBytes(input)[0] === 0x80) shared.count += 1;
          return 'read';
        },
        audit: () => {
          expectThat(shared.count === 0, 'state-change', 'counted');
        },
      };
    };
    const input = expectFound({ ...planOf(() => ''), make }, 'state-change');
    expect(input?.[0]).toBe(0x80);
  });

  it('tries the same inputs for the same seed, and others for another', () => {
    const triedWith = (seed: string): string => {
      const tried: string[] = [];
      const plan = planOf((bytes) => {
        tried.push(Buffer.from(bytes).toString('hex'));
        return attemptWith(decode)(bytes);
      });
      new Trial(plan, { seed, coverage }).runFor(1);
      return tried.slice(0, 8).join();
    };
    expect(triedWith('one')).toBe(triedWith('one'));
    expect(triedWith('one')).not.toBe(triedWith('other'));
  });

  it('sees where the fields of a message stand, and leaves the reader as it was', () => {
    const before = Object.getOwnPropertyDescriptor(Reader.prototype, 'int');
    expect(recordFields(() => decode(SEED))).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 5 },
      { from: 5, to: 8 },
    ]);
    expect(recordFields(() => decode(SEED.subarray(0, 6)))).toHaveLength(2);
    expect(Object.getOwnPropertyDescriptor(Reader.prototype, 'int')).toEqual(before);
  });

  it('keeps a counterexample, whatever it is made of', () => {
    for (const input of ['?OTR:\ud800\0\u001e', Uint8Array.of(0, 255)]) {
      const path = writeFinding(folder, { target: 'step: any', wrong: 'crash', what: 'no', input });
      expect(path).toContain('step-any');
      expect(inputOf(readKept(path))).toEqual(input);
    }
  });
});

describe('whoever watches the fuzzer', () => {
  const order = { targets: ['endless'], seed: 'any', minutes: 1 };
  const fixture = (name: string): URL => new URL(`./fixtures/${name}.ts`, import.meta.url);

  it('sec:O2 notices that it hangs, in what, and with which input', async () => {
    const worker = fixture('hanging-worker');
    const { rows, findings } = await watch({ ...order, hangMs: 1000, worker });
    expect(findings).toEqual([
      { target: 'endless', wrong: 'hang', what: 'did not return', input: Uint8Array.of(1, 2, 3) },
    ]);
    expect(rows[0]?.findings).toEqual({ hang: 1 });
  });

  it('sec:O1 notices that it died', async () => {
    const { findings } = await watch({ ...order, worker: fixture('dying-worker') });
    expect(findings).toMatchObject([{ target: 'deadly', wrong: 'crash', input: '?OTR:\ud800' }]);
    expect(findings[0]?.what).toContain('out of everything');
  });

  it('reads across threads what was written, text or bytes', () => {
    const ours = heartbeat();
    const theirs = heartbeat(ours.shared);
    theirs.beat('lone \udc00');
    expect(ours.current()).toBe('lone \udc00');
    theirs.beat(Uint8Array.of(9));
    expect(ours.current()).toEqual(Uint8Array.of(9));
    expect(ours.count()).toBe(2);
  });
});
