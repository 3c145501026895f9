// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OtrError } from '#otr/errors.ts';

export interface Decoder<T> {
  readonly decode: (bytes: Uint8Array) => T;
  readonly encode: (value: T) => Uint8Array;
  /** Well-formed messages, not made by `encode` alone. */
  readonly samples: readonly Uint8Array[];
  /** Bits a receiver ignores, taken out before what was read is compared with what is written. */
  readonly normalise?: (bytes: Uint8Array) => Uint8Array;
  /** Random inputs to try; fewer where decoding computes. */
  readonly runs?: number;
}

function outcome<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(OtrError);
    return undefined;
  }
}

/** A sample with a few bytes replaced, or a piece of it put in front of another piece. */
function mutations(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const sample = fc.constantFrom(...samples);
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  const edited = fc.tuple(sample, edits).map(([bytes, places]) => {
    const copy = bytes.slice();
    for (const [at, value] of places) copy[at % copy.length] = value;
    return copy;
  });
  const spliced = fc
    .tuple(sample, fc.nat(), sample, fc.nat())
    .map(([head, to, tail, from]): Uint8Array =>
      Uint8Array.from([
        ...head.subarray(0, to % head.length),
        ...tail.subarray(from % tail.length),
      ]),
    );
  return fc.oneof(edited, spliced);
}

const unchanged = (bytes: Uint8Array): Uint8Array => bytes;

/** The three laws of every decoder, and a fourth: what is accepted has one spelling. */
export function describeDecoderLaws<T>(name: string, decoder: Decoder<T>): void {
  const { decode, encode, samples, normalise = unchanged, runs = 500 } = decoder;
  describe(`${name}, as every decoder`, () => {
    it('round-trips', () => {
      for (const sample of samples) expect(encode(decode(sample))).toEqual(sample);
    });

    it('otr:T-018 rejects every truncation and every extension with an OtrError', () => {
      for (const sample of samples) {
        for (let length = 0; length < sample.length; length += 1) {
          expect(() => decode(sample.subarray(0, length))).toThrow(OtrError);
        }
        for (const extra of [0, 1, 0xff]) {
          expect(() => decode(Uint8Array.from([...sample, extra]))).toThrow(OtrError);
        }
      }
    });

    it('otr:T-222 never throws anything but an OtrError on arbitrary bytes', () => {
      const bytes = fc.oneof(fc.uint8Array({ maxLength: 2000 }), mutations(samples));
      fc.assert(
        fc.property(bytes, (input) => {
          outcome(decode, input);
        }),
        { numRuns: runs },
      );
    });

    it('accepts nothing that it would write in another way', () => {
      fc.assert(
        fc.property(mutations(samples), (input) => {
          const value = outcome(decode, input);
          if (value !== undefined) expect(encode(value)).toEqual(normalise(input));
        }),
        { numRuns: runs },
      );
    });

    it('keeps nothing of the buffer it read from', () => {
      for (const sample of samples) {
        const buffer = sample.slice();
        const value = decode(buffer);
        buffer.fill(0xaa);
        expect(encode(value)).toEqual(sample);
      }
    });
  });
}
