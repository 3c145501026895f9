// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatArmor } from '#otr/codec/armor.ts';
import { classify } from '#otr/codec/classify.ts';
import { findError, formatError } from '#otr/codec/error-message.ts';
import { findQuery, formatQuery } from '#otr/codec/query.ts';
import { addWhitespaceTag, findWhitespaceTag } from '#otr/codec/whitespace-tag.ts';

const BASE = '\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09\x20\x09\x20\x20';
const TAG_3 = '\x20\x20\x09\x09\x20\x20\x09\x09';
const TAG_4 = '\x20\x20\x09\x09\x20\x09\x20\x20';
const TAG_2 = '\x20\x20\x09\x09\x20\x20\x09\x20';

function encoded(type: number, sender = 0x101, receiver = 0x100, version = 4): string {
  const bytes = new Uint8Array(11);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, version);
  view.setUint8(2, type);
  view.setUint32(3, sender);
  view.setUint32(7, receiver);
  return formatArmor(bytes);
}

describe('query message', () => {
  it('xep:S-19 xep:X-29 reads the examples of the specification', () => {
    expect(findQuery('?OTRv3?')).toBe('3');
    expect(findQuery('?OTRv45x?')).toBe('45x');
    expect(findQuery('?OTRv?')).toBe('');
    expect(findQuery('?OTRv?4?')).toBe('');
  });

  it('xep:S-19 xep:C-04 is found anywhere, and in the form the XMPP draft prints', () => {
    expect(findQuery('Hello <b>?OTRv4?</b> there')).toBe('4');
    expect(findQuery('?OTR?v34?')).toBe('34');
    expect(findQuery('?OTR is a protocol?')).toBeUndefined();
    expect(findQuery('?OTRv4')).toBeUndefined();
  });

  it('is written with its explanation behind it', () => {
    expect(formatQuery('4')).toBe('?OTRv4?');
    expect(formatQuery('4', 'Your buddy wants to talk off the record.')).toBe(
      '?OTRv4? Your buddy wants to talk off the record.',
    );
  });
});

describe('whitespace tag', () => {
  it('xep:X-27 reads versions and takes the tag out of the text', () => {
    expect(findWhitespaceTag(`Hello${BASE}${TAG_3}${TAG_4}, you`)).toEqual({
      versions: '34',
      text: 'Hello, you',
    });
    expect(findWhitespaceTag(`${BASE}${TAG_2}${TAG_4}`)).toEqual({ versions: '4', text: '' });
    expect(findWhitespaceTag(BASE)).toEqual({ versions: '', text: '' });
    expect(findWhitespaceTag('just blanks \t \t')).toBeUndefined();
  });

  it('takes no text for a version, even when it begins with a blank', () => {
    expect(findWhitespaceTag(`Hello${BASE}${TAG_4} and you?`)).toEqual({
      versions: '4',
      text: 'Hello and you?',
    });
    expect(findWhitespaceTag(`${BASE}${TAG_4}and you  ?`)?.text).toBe('and you  ?');
  });

  it('takes only the first of several', () => {
    expect(findWhitespaceTag(`a${BASE}${TAG_4}b${BASE}${TAG_3}`)).toEqual({
      versions: '4',
      text: `ab${BASE}${TAG_3}`,
    });
  });

  it('is written behind the text, for version 4', () => {
    expect(addWhitespaceTag('Hello')).toBe(`Hello${BASE}${TAG_4}`);
  });
});

describe('error message', () => {
  it('writes and reads the three known errors', () => {
    expect(formatError('unreadable')).toBe('?OTR Error: ERROR_1: Unreadable message');
    expect(formatError('not-private')).toBe('?OTR Error: ERROR_2: Not in private state message');
    expect(formatError('malformed')).toBe('?OTR Error: ERROR_3: Malformed message');
    for (const code of ['unreadable', 'not-private', 'malformed'] as const) {
      expect(findError(formatError(code))).toEqual({ code });
    }
  });

  it('xep:S-25 knows an error without a known code, and only at the very start', () => {
    expect(findError('?OTR Error: something odd')).toEqual({ code: undefined });
    expect(findError('?OTR Error: ERROR_17: odd')).toEqual({ code: undefined });
    expect(findError(' ?OTR Error: ERROR_1: odd')).toBeUndefined();
  });
});

describe('classify', () => {
  it('tells encoded messages apart, with their tags', () => {
    const kinds = [0x35, 0x36, 0x37, 0x0d, 0x03].map((type) => classify(encoded(type)));
    expect(kinds).toEqual(
      ['identity', 'auth-r', 'auth-i', 'non-interactive-auth', 'data'].map((message) => ({
        kind: 'message',
        message,
        senderTag: 0x101,
        receiverTag: 0x100,
      })),
    );
  });

  it('otr:T-204 otr:T-140 tells messages and fragments of version 3 apart, and reads no further', () => {
    const kinds = [0x02, 0x0a, 0x11, 0x12, 0x03, 0x77].map((type) =>
      classify(encoded(type, 0x101, 0, 3)),
    );
    const messages = ['dh-commit', 'dh-key', 'reveal-signature', 'signature', 'data', 'unknown'];
    expect(kinds).toEqual(
      messages.map((message) => ({
        kind: 'version-3',
        message,
        senderTag: 0x101,
        receiverTag: 0,
      })),
    );
    expect(classify('?OTR|5a73a599|27e31597,00001,00002,?OTR:AAMD,')).toEqual({
      kind: 'version-3',
      message: 'fragment',
      senderTag: 0x5a73a599,
      receiverTag: 0x27e31597,
    });
  });

  it('accepts blanks around an encoded message and nothing else', () => {
    expect(classify(`  ${encoded(0x03)}\n`).kind).toBe('message');
    expect(classify(`see ${encoded(0x03)}`).kind).toBe('plaintext');
  });

  it('otr:T-017 calls what is not of version 4 foreign', () => {
    const bodies = ['?OTR:AAMD.', '?OTR:AAQD', '?OTR:%%%.', encoded(0x0f), encoded(0x03, 0xff)];
    bodies.push(encoded(0x02, 0xff, 0x100, 3), encoded(0x02, 0x101, 0x50, 3), '?OTR|1|0,1,1,A,');
    for (const body of bodies) expect(classify(body).kind, body).toBe('foreign');
  });

  it('looks for a fragment before anything else', () => {
    expect(classify('?OTR|3c5b5f03|5a73a599|27e31597,00001,00003,?OTRv4?,').kind).toBe('fragment');
  });

  it('lets no error message start anything by quoting a query', () => {
    expect(classify('?OTR Error: ERROR_1: ?OTRv4?')).toEqual({ kind: 'error', code: 'unreadable' });
  });

  it('finds queries and tags, and leaves the rest plain', () => {
    expect(classify('Hi ?OTRv34?')).toEqual({ kind: 'query', versions: '34' });
    expect(classify(`Hi${BASE}${TAG_4}`)).toEqual({ kind: 'whitespace-tag', versions: '4' });
    expect(classify('Hi')).toEqual({ kind: 'plaintext' });
  });

  it('otr:T-222 never throws on arbitrary text', () => {
    const prefix = fc.constantFrom('', '?OTR:', '?OTR|', '?OTRv', '?OTR Error: ', BASE);
    fc.assert(
      fc.property(
        prefix,
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '.', ',', '?'),
        (a, b, c) => {
          expect(classify(a + b + c).kind).toBeTypeOf('string');
        },
      ),
      { numRuns: 1000 },
    );
  });
});
