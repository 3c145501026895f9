// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KDF_BOUNDS } from '../../src/main/vault/kdf.ts';
import { formatKeyFile, parseKeyFile } from '../../src/main/vault/key-file.ts';
import { newBench, passphrase } from './fixture.ts';

async function written(secret: Uint8Array | undefined) {
  const bench = newBench();
  const made = await bench.vault.create(secret);
  if (!made.ok) throw new Error(made.error.reason);
  return { ...bench, bytes: readFileSync(bench.path) };
}

describe('the key file', () => {
  it.each([
    { kind: 'a passphrase', secret: () => passphrase('right') },
    { kind: 'the key store', secret: () => undefined },
  ])('sec:T-K-WRAP-1 opens no more by $kind once any byte of it was changed', async (given) => {
    const { bytes, path, folder, again } = await written(given.secret());
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(index) ^ (1 << bit), index);
        writeFileSync(path, changed);
        writeFileSync(`${folder}/attempts.json`, '');
        const result = await again().unlock(given.secret());
        if (result.ok) throw new Error(`byte ${String(index)}, bit ${String(bit)} went unnoticed`);
        expect([
          'damaged',
          'newer',
          'passphrase-wrong',
          'passphrase-needed',
          'keyring-refused',
          'backend-changed',
        ]).toContain(result.error.reason);
      }
    }
  });

  it('sec:T-K-WRAP-2 has one spelling: what is read is written again byte for byte', async () => {
    const { bytes } = await written(passphrase('right'));
    const parsed = parseKeyFile(bytes);
    if (!parsed.ok) throw new Error(parsed.error);
    expect(Buffer.from(formatKeyFile(parsed.value)).equals(bytes)).toBe(true);
    const text = bytes.toString();
    const spellings = [
      ` ${text}`,
      text.trim(),
      JSON.stringify(JSON.parse(text)),
      text.replace('"v": 1', '"v": 1.0'),
      text.replace('"v": 1', '"v": 1,\n  "v": 1'),
      text.replace('{', '{\n  "__proto__": {},'),
      `\uFEFF${text}`,
    ];
    for (const spelling of spellings) {
      expect(parseKeyFile(Buffer.from(spelling))).toStrictEqual({ ok: false, error: 'damaged' });
    }
  });

  it('sec:T-K-WRAP-2 takes no derivation that costs less or far more than ours', async () => {
    const { bytes } = await written(passphrase('right'));
    const withCost = (name: string, cost: unknown): Uint8Array => {
      const file = JSON.parse(bytes.toString()) as { slots: [{ kdf: Record<string, unknown> }] };
      file.slots[0].kdf[name] = cost;
      return Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`);
    };
    for (const [name, { min, max }] of Object.entries(KDF_BOUNDS)) {
      for (const good of [min, max]) expect(parseKeyFile(withCost(name, good)).ok).toBe(true);
      const bad = [min - 1, max + 1, 2 ** 31, -1, 0, min + 0.5, String(min), null, [min], 1e300];
      for (const cost of bad) {
        expect(parseKeyFile(withCost(name, cost))).toStrictEqual({ ok: false, error: 'damaged' });
      }
    }
  });

  it('sec:T-K-WRAP-2 refuses two slots of one kind, none, and unknown ones', async () => {
    const { bytes } = await written(passphrase('right'));
    const withSlots = (change: (slots: object[]) => unknown): Uint8Array => {
      const file = JSON.parse(bytes.toString()) as { slots: object[] };
      return Buffer.from(
        `${JSON.stringify({ ...file, slots: change(file.slots) }, undefined, 2)}\n`,
      );
    };
    const changes: ((slots: object[]) => unknown)[] = [
      (slots) => [...slots, ...slots],
      () => [],
      () => ({}),
      (slots) => slots.map((slot) => ({ ...slot, type: 'clear' })),
      (slots) => slots.map((slot) => ({ ...slot, extra: 1 })),
    ];
    for (const change of changes) {
      expect(parseKeyFile(withSlots(change))).toStrictEqual({ ok: false, error: 'damaged' });
    }
    expect(parseKeyFile(withSlots((slots) => slots)).ok).toBe(true);
  });

  it('sec:T-K-WRAP-2 answers any bytes with a reason and never throws', async () => {
    const { bytes } = await written(passphrase('right'));
    const splice = fc
      .record({ at: fc.nat(bytes.length), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) })
      .map(({ at, cut, put }) =>
        Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]),
      );
    const jsonish = fc
      .record({ v: fc.jsonValue(), id: fc.jsonValue(), slots: fc.jsonValue() })
      .map((value) => Buffer.from(JSON.stringify(value)));
    const input = fc.oneof(fc.uint8Array({ maxLength: 2000 }), splice, jsonish);
    fc.assert(
      fc.property(input, (given) => {
        const parsed = parseKeyFile(given);
        if (parsed.ok) expect(Buffer.from(formatKeyFile(parsed.value)).equals(given)).toBe(true);
        else expect(['damaged', 'newer']).toContain(parsed.error);
      }),
      { numRuns: 5000 },
    );
    expect(parseKeyFile(new Uint8Array(20_000_000)).ok).toBe(false);
  });

  it('sec:T-K-WRAP does not let a slot move into another profile’s file', async () => {
    const one = await written(passphrase('same'));
    const two = await written(passphrase('same'));
    const [first, second] = [parseKeyFile(one.bytes), parseKeyFile(two.bytes)];
    if (!first.ok || !second.ok) throw new Error('not parsed');
    writeFileSync(one.path, formatKeyFile({ ...first.value, slots: second.value.slots }));
    expect(await one.again().unlock(passphrase('same'))).toMatchObject({
      ok: false,
      error: { reason: 'passphrase-wrong' },
    });
  });
});
