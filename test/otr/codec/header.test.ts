// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { peekHeader, readAddressedHeader, readHeader } from '#otr/codec/header.ts';
import {
  createInstanceTag,
  validateInstanceTag,
  validateReceiverTag,
} from '#otr/codec/instance-tag.ts';
import { Reader } from '#otr/codec/reader.ts';
import { Writer } from '#otr/codec/writer.ts';
import type { Env } from '#otr/env.ts';
import { OtrError } from '#otr/errors.ts';

import { errorOf } from '../../support/otr-error.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const TYPE = 0x35;

interface Fields {
  readonly version?: number;
  readonly type?: number;
  readonly sender?: number;
  readonly receiver?: number;
}

function header({ version = 4, type = TYPE, sender = 0x100, receiver = 0x200 }: Fields) {
  return new Writer().short(version).byte(type).int(sender).int(receiver).finish();
}

describe('the header of an encoded message', () => {
  it('otr:T-017 is of version 4, however it is read', () => {
    for (const version of [3, 5, 0x0400]) {
      const bytes = header({ version });
      const expected = { code: 'wrong-version', field: 'version' };
      expect(errorOf(() => peekHeader(bytes))).toMatchObject(expected);
      expect(errorOf(() => readHeader(new Reader(bytes), TYPE))).toMatchObject(expected);
    }
  });

  it('otr:T-136 names a sender and, once it is known, a receiver', () => {
    const peeked = { type: TYPE, senderTag: 0x100, receiverTag: 0x200 };
    expect(peekHeader(header({}))).toEqual(peeked);
    expect(peekHeader(header({ receiver: 0 })).receiverTag).toBe(0);
    const refused = (fields: Fields) => errorOf(() => peekHeader(header(fields))).field;
    expect(refused({ sender: 0xff })).toBe('sender-tag');
    expect(refused({ sender: 0 })).toBe('sender-tag');
    expect(refused({ receiver: 0xff })).toBe('receiver-tag');
    const open = new Reader(header({ receiver: 0 }));
    expect(errorOf(() => readAddressedHeader(open, TYPE)).field).toBe('receiver-tag');
  });

  it('is of the type that is read', () => {
    const read = new Reader(header({}));
    expect(errorOf(() => readHeader(read, TYPE + 1))).toMatchObject({
      code: 'wrong-type',
      field: 'type',
    });
  });
});

describe('an instance tag', () => {
  it('otr:T-136 is a number of four bytes, of 0x100 or more', () => {
    for (const value of [0x100, 0x101, 0xffff_fffe, 0xffff_ffff]) {
      expect(validateInstanceTag(value, 'tag')).toBe(value);
    }
    for (const value of [-1, 0, 1, 0xff, 0x1_0000_0000, 256.5, Number.NaN, Infinity]) {
      expect(() => validateInstanceTag(value, 'tag'), String(value)).toThrow(OtrError);
    }
  });

  it('may be 0 only in the place of a receiver', () => {
    expect(validateReceiverTag(0, 'tag')).toBe(0);
    expect(validateReceiverTag(0x100, 'tag')).toBe(0x100);
    expect(() => validateReceiverTag(0xff, 'tag')).toThrow(OtrError);
  });

  it('is drawn until it is large enough', () => {
    const drawn = [
      [0, 0, 0, 0],
      [0, 0, 0, 0xff],
      [0, 0, 1, 0],
      [1, 2, 3, 4],
    ].map((octets) => Uint8Array.from(octets));
    const env: Env = {
      ...seededEnv('tags'),
      random: (length) => {
        expect(length).toBe(4);
        return drawn.shift() ?? new Uint8Array(0);
      },
    };
    expect(createInstanceTag(env)).toBe(0x100);
    expect(createInstanceTag(env)).toBe(0x0102_0304);
    const highest = { ...env, random: () => new Uint8Array(4).fill(0xff) };
    expect(createInstanceTag(highest)).toBe(0xffff_ffff);
  });
});
