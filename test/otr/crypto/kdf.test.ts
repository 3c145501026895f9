// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { concat, encodeUtf8, formatHex } from '#otr/bytes.ts';
import { cipher } from '#otr/crypto/cipher.ts';
import { equalBytes, isAllZero } from '#otr/crypto/constant-time.ts';
import { deriveSecret, kdf, shake, USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';

import { parseHex } from '#otr/bytes.ts';
import known from '../../vectors/appendix-a/primitives.json';
import ratchet from '../../vectors/appendix-a/ratchet.json';

describe('kdf', () => {
  it('otr:T-001 derives the known session id from 64 zero bytes', () => {
    expect(formatHex(kdf(USAGE.ssid, [new Uint8Array(64)], 8))).toBe(
      known['ssid of 64 zero bytes'],
    );
  });

  it('is SHAKE-256 of the prefix, the usage and the values, as OpenSSL computes it', () => {
    const values = [encodeUtf8('first'), encodeUtf8('second')];
    const input = concat(encodeUtf8('OTRv4'), Uint8Array.of(USAGE.rootKey), ...values);
    const expected = createHash('shake256', { outputLength: 64 }).update(input).digest('hex');
    expect(formatHex(kdf(USAGE.rootKey, values, 64))).toBe(expected);
  });

  it('hashes secrets and plain bytes alike, and leaves them as they were', () => {
    const bytes = encodeUtf8('material');
    const secret = Secret.own(bytes.slice(), bytes.length);
    const derived = deriveSecret(USAGE.chainKey, [secret], 64);
    expect(derived.lend(formatHex)).toBe(formatHex(kdf(USAGE.chainKey, [bytes], 64)));
    expect(secret.lend(formatHex)).toBe(formatHex(bytes));
  });

  it('refuses a usage that is no byte', () => {
    expect(() => kdf(256, [], 8)).toThrow(RangeError);
    expect(() => kdf(-1, [], 8)).toThrow(RangeError);
    expect(() => kdf(1.5, [], 8)).toThrow(RangeError);
    expect(kdf(255, [], 8)).toHaveLength(8);
  });

  it('names the numbers of the specification', () => {
    expect(Object.values(USAGE)).toEqual(Array.from({ length: 0x1b }, (_, n) => n));
  });

  it('leaves the prefix out where the specification does', () => {
    const expected = createHash('shake256', { outputLength: 32 }).update('abc').digest('hex');
    expect(formatHex(shake(encodeUtf8('abc'), 32))).toBe(expected);
  });
});

describe('cipher', () => {
  it('otr:T-021 encrypts the known "hello", and decrypts it again', () => {
    const key = Secret.own(parseHex(ratchet.MKenc), 64);
    const ciphertext = cipher(key, encodeUtf8('hello'));
    expect(formatHex(ciphertext)).toBe(ratchet['Bob msg0 ct']);
    expect(cipher(key, ciphertext)).toEqual(encodeUtf8('hello'));
  });
});

describe('constant-time comparison', () => {
  it('otr:T-220 tells equal from different, wherever the difference is', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, n) => n);
    expect(equalBytes(bytes, bytes.slice())).toBe(true);
    for (let at = 0; at < bytes.length; at += 1) {
      const other = bytes.slice();
      other[at] = (other[at] ?? 0) ^ 0x80;
      expect(equalBytes(bytes, other)).toBe(false);
    }
    expect(equalBytes(bytes, bytes.subarray(1))).toBe(false);
  });

  it('recognises zeros', () => {
    expect(isAllZero(new Uint8Array(57))).toBe(true);
    expect(isAllZero(Uint8Array.of(0, 0, 1))).toBe(false);
  });
});
