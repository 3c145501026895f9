// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { concat, encodeUtf8, parseHex } from '#otr/bytes.ts';
import { verifyDsa } from '#otr/crypto/dsa.ts';
import type { DsaPublicKey } from '#otr/crypto/dsa.ts';
import { decodeBigEndian, encodeBigEndian } from '#otr/crypto/integer.ts';

import known from '../../vectors/dsa/transitional.json';

const number = (hex: string) => BigInt(`0x${hex}`);
const key: DsaPublicKey = {
  p: number(known.p),
  q: number(known.q),
  g: number(known.g),
  y: number(known.y),
};
const message = parseHex(known.message);
const signature = parseHex(known['message.signature']);
const r = signature.subarray(0, 20);
const s = signature.subarray(20);
const half = (value: bigint) => encodeBigEndian(value, 20);

describe('a signature of OTRv3', () => {
  it('otr:T-209 holds over the message itself, taken as a number modulo q', () => {
    expect(verifyDsa(key, message, signature)).toBe(true);
    const m = parseHex(known['profile.m']);
    expect(verifyDsa(key, m, parseHex(known['profile.signature']))).toBe(true);
    expect(verifyDsa(key, new Uint8Array(0), parseHex(known['empty.signature']))).toBe(true);
  });

  it('otr:T-209 does not hold where the message was hashed first', () => {
    const m = parseHex(known['profile.m']);
    const hashed = known['profile.signature over SHA-1(m)'];
    const cut = known['profile.signature over SHA-256(m), cut'];
    expect(verifyDsa(key, m, parseHex(hashed))).toBe(false);
    expect(verifyDsa(key, m, parseHex(cut))).toBe(false);
  });

  it('holds as well over any other message that is the same modulo q, which is why it proves nothing', () => {
    const other = decodeBigEndian(message) + 5n * key.q;
    expect(verifyDsa(key, encodeBigEndian(other, 24), signature)).toBe(true);
    expect(verifyDsa(key, concat(new Uint8Array(9), message), signature)).toBe(true);
  });

  it('does not hold over another message, under another key or with one bit changed', () => {
    expect(verifyDsa(key, encodeUtf8('OTRv3 does not hasi'), signature)).toBe(false);
    expect(verifyDsa({ ...key, y: key.g }, message, signature)).toBe(false);
    expect(verifyDsa({ ...key, g: key.y }, message, signature)).toBe(false);
    for (let at = 0; at < signature.length; at += 1) {
      const changed = signature.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verifyDsa(key, message, changed)).toBe(false);
    }
  });

  it('is 40 bytes long', () => {
    for (const length of [0, 39, 41, 80]) {
      const other = new Uint8Array(length);
      other.set(signature.subarray(0, Math.min(40, length)));
      expect(verifyDsa(key, message, other)).toBe(false);
    }
  });

  it('has both its numbers between 0 and q', () => {
    const wrong = [
      concat(half(0n), s),
      concat(r, half(0n)),
      concat(half(0n), half(0n)),
      concat(half(key.q), s),
      concat(r, half(key.q)),
    ];
    // One that is right but for being named too high, where 20 bytes have room for it.
    const high = decodeBigEndian(s) + key.q;
    if (high < 1n << 160n) wrong.push(concat(r, half(high)));
    for (const bytes of wrong) expect(verifyDsa(key, message, bytes)).toBe(false);
  });
});

describe('a key of OTRv3', () => {
  const of = (bits: '1023' | '1024' | '3072' | '3073') => {
    const { p, g, y, signature: signed } = known[`modulus of ${bits} bits`];
    const made = { p: number(p), q: key.q, g: number(g), y: number(y) };
    return verifyDsa(made, message, parseHex(signed));
  };

  it('sec:L has a modulus of 1024 to 3072 bits', () => {
    expect((['1023', '1024', '3072', '3073'] as const).map(of)).toEqual([false, true, true, false]);
  });

  it('sec:L is refused before any arithmetic when it is far too large', () => {
    // To raise to a power modulo this would take minutes.
    const huge = (1n << 2_000_000n) * key.q + 1n;
    expect(verifyDsa({ ...key, p: huge }, message, signature)).toBe(false);
    expect(verifyDsa({ ...key, q: huge }, message, signature)).toBe(false);
  });

  it('has an order of 160 bits, which fits a signature of 40 bytes', () => {
    const wide = known['wide 2048'];
    const other = {
      p: number(wide.p),
      q: number(wide.q),
      g: number(wide.g),
      y: number(wide.y),
    };
    expect(other.q.toString(2)).not.toHaveLength(160);
    expect(verifyDsa(other, message, signature)).toBe(false);
    expect(verifyDsa({ ...key, q: key.q >> 1n }, message, signature)).toBe(false);
  });

  it('has an order that divides p - 1, and elements between 1 and p', () => {
    const wrong: readonly Partial<DsaPublicKey>[] = [
      { q: key.q + 2n },
      { p: key.p + 2n },
      { g: 0n },
      { g: 1n },
      { g: key.p },
      { g: key.g + key.p },
      { y: 0n },
      { y: 1n },
      { y: key.p },
      { y: key.y + key.p },
      { p: 0n },
      { q: 0n },
    ];
    for (const change of wrong) {
      expect(verifyDsa({ ...key, ...change }, message, signature)).toBe(false);
    }
  });

  it('raises nothing where its order is no prime', () => {
    // 2^159 is of 160 bits and divides p - 1 for this p; no even s has an inverse.
    const q = 1n << 159n;
    const p = (1n << 1100n) * q + 1n;
    const even = concat(half(3n), half(2n));
    expect(verifyDsa({ p, q, g: 2n, y: 3n }, message, even)).toBe(false);
  });
});
