// SPDX-License-Identifier: GPL-3.0-or-later
import { invert } from '@noble/curves/abstract/modular.js';
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

  it('sec:O3 takes a message of a megabyte in time that grows with its length alone', () => {
    expect(verifyDsa(key, concat(new Uint8Array(1_048_576), message), signature)).toBe(true);
    const full = concat(new Uint8Array(1_048_576).fill(0xa5), message);
    expect(verifyDsa(key, full, signature)).toBe(false);
  });

  it('is 40 bytes long', () => {
    for (const length of [0, 39, 41, 80]) {
      const other = new Uint8Array(length);
      other.set(signature.subarray(0, Math.min(40, length)));
      expect(verifyDsa(key, message, other)).toBe(false);
    }
    expect(verifyDsa(key, message, concat(r, Uint8Array.of(0), s))).toBe(false);
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

  describe('that is made so that anybody can sign the empty message', () => {
    // m = 0, so u1 = 0; y = -1 and u2 is even, so v = 1.
    const q160 = (1n << 159n) + 1n;
    const modulus = (q: bigint, bits: bigint) => (q << (bits - BigInt(q.toString(2).length))) + 1n;
    const evenInverse = (q: bigint): bigint => {
      for (let n = 2n; ; n += 1n) {
        try {
          if ((invert(n, q) & 1n) === 0n) return n;
        } catch {
          // Not prime to q.
        }
      }
    };
    const holds = (change: Partial<DsaPublicKey>, [one, other] = [1n, 0n]) => {
      const q = change.q ?? q160;
      const p = change.p ?? modulus(q, 1024n);
      const forged = concat(half(one), half(evenInverse(q) + other));
      return verifyDsa({ p, q, g: 2n, y: p - 1n, ...change }, new Uint8Array(0), forged);
    };
    const p = modulus(q160, 1024n);

    it('is taken at its word as long as its numbers could be of one group', () => {
      expect(holds({})).toBe(true);
      expect([2n, p - 1n].map((g) => holds({ g }))).toEqual([true, true]);
    });

    it('otr:T-209 is refused for an order of another size, or one that does not divide p - 1', () => {
      const orders = [158n, 159n, 160n].map((bit) => (1n << bit) + 1n);
      expect(orders.map((q) => holds({ q }))).toEqual([false, true, false]);
      expect(holds({ p: p + 2n })).toBe(false);
    });

    it('otr:T-209 is refused for a modulus of another size', () => {
      const moduli = [1023n, 1024n, 3072n, 3073n].map((bits) => modulus(q160, bits));
      expect(moduli.map((other) => holds({ p: other }))).toEqual([false, true, true, false]);
    });

    it('otr:T-209 is refused for an element that is not between 1 and p', () => {
      expect([0n, 1n, p, p + 2n].filter((g) => holds({ g }))).toEqual([]);
      expect([0n, 1n, p, p + 1n, 2n * p - 1n].filter((y) => holds({ y }))).toEqual([]);
    });

    it('otr:T-209 does not make a signature hold whose s is q too high, or whose r is', () => {
      expect(holds({}, [1n, q160])).toBe(false);
      expect(holds({}, [1n + q160, 0n])).toBe(false);
    });

    it('otr:T-209 does not make a signature hold whose r is 0', () => {
      // u1 = 1 and u2 = 0, so v = g.
      const m = parseHex('07');
      const ofZero = concat(half(0n), half(7n));
      expect(verifyDsa({ p, q: q160, g: q160, y: p - 1n }, m, ofZero)).toBe(false);
    });
  });

  it('raises nothing where its order is no prime', () => {
    // 2^159 is of 160 bits and divides p - 1 for this p; no even s has an inverse.
    const q = 1n << 159n;
    const p = (1n << 1100n) * q + 1n;
    const even = concat(half(3n), half(2n));
    expect(verifyDsa({ p, q, g: 2n, y: 3n }, message, even)).toBe(false);
  });
});
