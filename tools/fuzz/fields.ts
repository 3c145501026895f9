// SPDX-License-Identifier: GPL-3.0-or-later

import { Reader } from '#otr/codec/reader.ts';

/** Where one value stands in a message, as its decoder read it. */
export interface Field {
  readonly from: number;
  readonly to: number;
}

const READS = ['byte', 'short', 'shortLittleEndian', 'int', 'long', 'fixed'] as const;

/**
 * The fields that the first reader made during `decode` read, as far as it came. Every decoder of
 * the engine reads through a `Reader`, so its structure need not be told to the fuzzer: it is seen.
 */
export function recordFields(decode: () => unknown): readonly Field[] {
  const originals = READS.map((name) => Object.getOwnPropertyDescriptor(Reader.prototype, name));
  const fields = new Map<Reader, Field[]>();
  for (const [index, name] of READS.entries()) {
    const read = originals[index]?.value as (this: Reader, ...args: unknown[]) => unknown;
    Object.defineProperty(Reader.prototype, name, {
      configurable: true,
      value: function recorded(this: Reader, ...args: unknown[]): unknown {
        const from = this.position;
        const value = read.apply(this, args);
        const known = fields.get(this) ?? [];
        fields.set(this, [...known, { from, to: this.position }]);
        return value;
      },
    });
  }
  try {
    decode();
  } catch {
    // What was read before it failed is what we came for.
  } finally {
    for (const [index, name] of READS.entries()) {
      const original = originals[index];
      if (original !== undefined) Object.defineProperty(Reader.prototype, name, original);
    }
  }
  const [first = []] = fields.values();
  return first.filter(({ from, to }) => to > from);
}
