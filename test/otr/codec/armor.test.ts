// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { encodeUtf8 } from '#otr/bytes.ts';
import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { OtrError } from '#otr/errors.ts';
import { LIMITS } from '#otr/limits.ts';

import { errorOf } from '../../support/otr-error.ts';

describe('armor', () => {
  it('is what Buffer makes of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const expected = `?OTR:${Buffer.from(bytes).toString('base64')}.`;
        expect(formatArmor(bytes)).toBe(expected);
        expect(parseArmor(expected)).toEqual(bytes);
      }),
    );
  });

  it('gives data, Identity, Auth-R and Auth-I messages their known beginnings', () => {
    const begin = (type: number) => formatArmor(Uint8Array.of(0, 4, type)).slice(0, 9);
    expect([0x03, 0x35, 0x36, 0x37, 0x0d].map(begin)).toEqual([
      '?OTR:AAQD',
      '?OTR:AAQ1',
      '?OTR:AAQ2',
      '?OTR:AAQ3',
      '?OTR:AAQN',
    ]);
  });

  it('otr:T-017 refuses a missing dot, other characters, and every second spelling', () => {
    const refused = [
      '?OTR:AAQD',
      '?OTR:AAQD. ',
      'OTR:AAQD.',
      'xOTR:AAQD.',
      '?OTR:AAQD,',
      '?OTR:AA*D.',
      '?OTR:AAQ D.',
      '?OTR:AAQD\n.',
      '?OTR:AAQ.',
      '?OTR:AAR=.',
      '?OTR:AB==.',
      '?OTR:A===.',
      '?OTR:====.',
      '?OTR:AA==AAQD.',
      '?OTR:AAQ_.',
      '?OTR:AAQ\u0391.',
    ];
    for (const text of refused) expect(() => parseArmor(text), text).toThrow(OtrError);
    expect(parseArmor('?OTR:AAQ=.')).toEqual(Uint8Array.of(0, 4));
    expect(parseArmor('?OTR:.')).toEqual(new Uint8Array(0));
  });

  it('accepts 512 KiB and not a byte more', () => {
    const largest = new Uint8Array(LIMITS.messageBytes);
    expect(parseArmor(formatArmor(largest.subarray(1)))).toHaveLength(LIMITS.messageBytes - 1);
    expect(parseArmor(formatArmor(largest))).toHaveLength(LIMITS.messageBytes);
    expect(() => parseArmor(formatArmor(new Uint8Array(LIMITS.messageBytes + 1)))).toThrow(
      OtrError,
    );
    expect(() => parseArmor(`?OTR:${'A'.repeat(4_000_000)}.`)).toThrow(OtrError);
  });

  it('sec:B1 looks at no character of what is too long', () => {
    const longest = 6 + 4 * Math.ceil(LIMITS.messageBytes / 3);
    const ofLength = (length: number) => `?OTR:${'*'.repeat(length - 6)}.`;
    expect(errorOf(() => parseArmor(ofLength(longest))).code).toBe('bad-armor');
    expect(errorOf(() => parseArmor(ofLength(longest + 1))).code).toBe('too-large');
  });

  it('otr:T-222 throws nothing but OtrError for arbitrary text', () => {
    const near = fc.string().map((text) => `?OTR:${text}.`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        try {
          expect(formatArmor(parseArmor(text))).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(OtrError);
        }
      }),
    );
    expect(encodeUtf8('')).toHaveLength(0);
  });
});
