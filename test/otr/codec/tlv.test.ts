// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { concat, encodeUtf8, formatHex } from '#otr/bytes.ts';
import { decodePlaintext, encodePlaintext, TLV_TYPE } from '#otr/codec/tlv.ts';
import { LIMITS } from '#otr/limits.ts';

const tlv = fc.record({ type: fc.integer({ min: 1, max: 0xffff }), value: fc.uint8Array() });
const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed());
const text = wellFormed.filter((written) => !written.includes('\0'));

describe('plaintext of a data message', () => {
  it('round-trips text and records', () => {
    fc.assert(
      fc.property(text, fc.array(tlv), (written, tlvs) => {
        expect(decodePlaintext(encodePlaintext({ text: written, tlvs }))).toEqual({
          text: written,
          tlvs,
        });
      }),
    );
  });

  it('adds no NUL to text that stands alone', () => {
    expect(encodePlaintext({ text: 'hello', tlvs: [] })).toEqual(encodeUtf8('hello'));
  });

  it('accepts a final NUL without records', () => {
    expect(decodePlaintext(encodeUtf8('hello\0'))).toEqual({ text: 'hello', tlvs: [] });
  });

  it('otr:T-224 lets no text of ours forge a record', () => {
    const forged = 'hi\0\u0000\u0001\u0000\u0000';
    const { tlvs, text: shown } = decodePlaintext(encodePlaintext({ text: forged, tlvs: [] }));
    expect(tlvs).toEqual([]);
    expect(shown).not.toContain('\0');
  });

  it('sec:T-O-PAD-1 pads to whole multiples with one more record, behind all others', () => {
    fc.assert(
      fc.property(text, fc.array(tlv, { maxLength: 3 }), (written, tlvs) => {
        const padded = encodePlaintext({ text: written, tlvs }, 256);
        expect(padded.length % 256).toBe(0);
        const { text: shown, tlvs: read } = decodePlaintext(padded);
        expect(shown).toBe(written);
        expect(read.slice(0, -1)).toEqual(tlvs);
        expect(read.at(-1)?.type).toBe(TLV_TYPE.padding);
      }),
      { numRuns: 1000 },
    );
  });

  it('sec:T-O-PAD-1 adds no more padding than is missing', () => {
    const padded = (length: number) => encodePlaintext({ text: 'x'.repeat(length), tlvs: [] }, 16);
    expect([10, 11, 12].map((length) => padded(length).length)).toEqual([16, 16, 32]);
  });

  it('spells a record as type, length, value', () => {
    const value = Uint8Array.of(0, 0x42, 0, 0);
    const bytes = encodePlaintext({
      text: '',
      tlvs: [{ type: TLV_TYPE.extraSymmetricKey, value }],
    });
    expect(formatHex(bytes)).toBe('00' + '0007' + '0004' + '00420000');
  });

  it('otr:T-161 keeps the text and the records before one that is cut off', () => {
    const whole = encodePlaintext({
      text: 'shown',
      tlvs: [
        { type: TLV_TYPE.disconnected, value: new Uint8Array(0) },
        { type: TLV_TYPE.smp1, value: new Uint8Array(20) },
      ],
    });
    for (let cut = 1; cut < 24; cut += 1) {
      expect(decodePlaintext(whole.subarray(0, whole.length - cut))).toEqual({
        text: 'shown',
        tlvs: [{ type: TLV_TYPE.disconnected, value: new Uint8Array(0) }],
      });
    }
  });

  it('looks at 64 records and no more, padding included', () => {
    const record = Uint8Array.of(0, 9, 0, 0);
    const read = (count: number) =>
      decodePlaintext(concat(Uint8Array.of(0), ...Array.from({ length: count }, () => record))).tlvs
        .length;
    expect([LIMITS.tlvs - 1, LIMITS.tlvs, LIMITS.tlvs + 1].map(read)).toEqual([63, 64, 64]);
  });

  it('otr:T-222 never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(typeof decodePlaintext(bytes).text).toBe('string');
      }),
    );
  });

  it('refuses values and paddings that no record can hold', () => {
    const value = new Uint8Array(0x10000);
    expect(() => encodePlaintext({ text: '', tlvs: [{ type: 1, value }] })).toThrow(RangeError);
    expect(() => encodePlaintext({ text: '', tlvs: [] }, 0x10000)).toThrow(RangeError);
    expect(() => encodePlaintext({ text: '', tlvs: [] }, 1.5)).toThrow(RangeError);
    const longest = [{ type: 1, value: new Uint8Array(0xffff) }];
    expect(encodePlaintext({ text: '', tlvs: longest })).toHaveLength(1 + 4 + 0xffff);
    expect(encodePlaintext({ text: '', tlvs: [] }, 0xffff)).toHaveLength(0xffff);
  });
});
