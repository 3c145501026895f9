// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '#otr';
import { readBody } from '#main/conversation/inbox.ts';
import {
  cleanQuestion,
  escapePlain,
  stripWhitespaceTag,
} from '#main/conversation/untrusted-text.ts';

const TAG = ' \t  \t\t\t\t \t \t \t  ';
const V4 = '  \t\t \t  ';

const noisy = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('?OTR', '?OTRv4?', '?OTR:AAQ', '?OTR|', TAG, V4, '?OTR Error:', '?', 'OTR'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('a query', () => {
  it('xep:X-30 xep:C-19 is one at the start of a message, whatever versions follow', () => {
    for (const body of ['?OTRv4?', ' ?OTRv45x? come and talk', '?OTR?v34?']) {
      expect(readBody(body), body).toEqual({ tag: 'offer' });
    }
    expect(readBody('?OTRv23?')).toEqual({ tag: 'older-offer' });
  });

  it('xep:X-30 xep:C-19 is text anywhere else, and where it names no version', () => {
    for (const body of ['they call it ?OTRv4? I think', '?OTRv4 without an end']) {
      expect(readBody(body).tag, body).toBe('text');
    }
    for (const body of ['?OTR?', '?OTRv?', '?OTRv?4?']) {
      expect(readBody(body).tag, body).not.toBe('offer');
    }
  });
});

describe('text in clear', () => {
  it('ux:A8 can start nothing, whatever it holds', () => {
    fc.assert(fc.property(noisy, (text) => classify(escapePlain(text)).kind === 'plaintext'));
  });

  it('ux:A8 reads the same to people', () => {
    fc.assert(
      fc.property(noisy, (text) => {
        const visible = (any: string): string => any.replaceAll('\u2060', '').replaceAll('\t', ' ');
        return visible(escapePlain(text)) === visible(text);
      }),
    );
  });

  it('ux:A8 is left alone when there is nothing in it', () => {
    expect(escapePlain('OTR? off the record\tplease')).toBe('OTR? off the record\tplease');
  });

  it('xep:S-18 loses the invisible offer, and nothing else', () => {
    expect(stripWhitespaceTag(`hello${TAG}${V4}`)).toBe('hello');
    expect(stripWhitespaceTag(`hel${TAG}${V4}lo`)).toBe('hello');
    expect(stripWhitespaceTag('hello')).toBe('hello');
  });
});

describe('a question of the other side', () => {
  it('ux:A2 sec:T-U-TXT is one visible line of at most 300 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 800 }), (question) => {
        const clean = cleanQuestion(question);
        expect(Array.from(clean).length).toBeLessThanOrEqual(300);
        expect(clean).not.toMatch(
          /[\p{Cc}\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C\u2028\u2029]/u,
        );
      }),
    );
  });

  it('ux:A2 keeps markup as the plain text it is', () => {
    expect(cleanQuestion('<b>Enter</b>\u202E your\npassword')).toBe('<b>Enter</b> your password');
  });

  it('ux:A2 is cut at 10 kB without ado', () => {
    expect(cleanQuestion('x'.repeat(10_240))).toBe('x'.repeat(300));
  });
});
