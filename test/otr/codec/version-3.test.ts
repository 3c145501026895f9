// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { peekVersion3, peekVersion3Fragment } from '#otr/codec/version-3.ts';
import { Writer } from '#otr/codec/writer.ts';
import { OtrError } from '#otr/errors.ts';

const tags = { senderTag: 0x5a73a599, receiverTag: 0x27e31597 };

describe('a fragment of version 3', () => {
  it('otr:T-131 has two tags, where one of version 4 has three fields', () => {
    const fragment = { message: 'fragment', ...tags };
    expect(peekVersion3Fragment('?OTR|5a73a599|27e31597,00001,00002,?OTR:AAMD,')).toEqual(fragment);
    expect(peekVersion3Fragment('?OTR|5A73A599|27E31597,1,2,A,')).toEqual(fragment);
    const others = [
      '?OTR|3c5b5f03|5a73a599|27e31597,00001,00002,A,',
      'see ?OTR|5a73a599|27e31597,00001,00002,A,',
      '?OTR|5a73a5990|27e31597,1,2,A,',
      '?OTR|5a73a599|27e315970,1,2,A,',
      '?OTR|5g73a599|27e31597,1,2,A,',
      '?OTR|5a73a599|,1,2,A,',
      '?OTR|5a73a599|27e31597,000001,2,A,',
      '?OTR|5a73a599|27e31597,1,000002,A,',
      '?OTR|5a73a599|27e31597,x,2,A,',
      '?OTR|5a73a599|27e31597,1,2',
    ];
    for (const text of others) expect(peekVersion3Fragment(text), text).toBeUndefined();
  });

  it('otr:T-136 has tags that can be', () => {
    expect(peekVersion3Fragment('?OTR|100|0,1,1,A,')?.receiverTag).toBe(0);
    expect(() => peekVersion3Fragment('?OTR|ff|100,1,1,A,')).toThrow(OtrError);
    expect(() => peekVersion3Fragment('?OTR|100|ff,1,1,A,')).toThrow(OtrError);
  });
});

describe('a message of version 3', () => {
  const message = (version: number, type: number) =>
    new Writer().short(version).byte(type).int(tags.senderTag).int(tags.receiverTag).finish();

  it('is told by its version, and named by its type', () => {
    const kinds = [0x02, 0x03, 0x0a, 0x11, 0x12, 0x35];
    expect(kinds.map((type) => peekVersion3(message(3, type)))).toEqual(
      ['dh-commit', 'data', 'dh-key', 'reveal-signature', 'signature', 'unknown'].map((kind) => ({
        message: kind,
        ...tags,
      })),
    );
    expect(peekVersion3(message(4, 0x02))).toBeUndefined();
    expect(peekVersion3(message(2, 0x02))).toBeUndefined();
  });
});
