// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash, getDiffieHellman } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatHex } from '#otr/bytes.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { dhShared, generateDh, validateDhElement } from '#otr/crypto/dh3072.ts';
import type { DhPublic } from '#otr/crypto/dh3072.ts';
import { encodeUnsigned } from '#otr/crypto/integer.ts';
import { kdf, USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';

import { digest, labelledEnv } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import dake from '../../vectors/appendix-a/interactive-dake.json';
import known from '../../vectors/appendix-a/primitives.json';

/** RFC 3526 group 15 as OpenSSL knows it: not our own constant. */
const p = BigInt(`0x${getDiffieHellman('modp15').getPrime('hex')}`);
const order = (p - 1n) / 2n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

function isAccepted(value: bigint): boolean {
  try {
    validateDhElement(value, 'dh');
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(OtrError);
    return false;
  }
}

describe('elements of the DH group', () => {
  it('knows the same prime as the requirements state', () => {
    expect(createHash('sha256').update(encodeUnsigned(p)).digest('hex')).toBe(
      '48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c',
    );
  });

  it('otr:T-013 refuses 0, 1, p - 2, p - 1, p, p + 2 and accepts 2', () => {
    expect([0n, 1n, p - 2n, p - 1n, p, p + 2n].filter(isAccepted)).toEqual([]);
    expect(isAccepted(2n)).toBe(true);
  });

  it('otr:T-014 refuses an element outside the subgroup of order q', () => {
    const element = p - power(2n, 0x1234567890abcdefn);
    expect(power(element, order)).toBe(p - 1n);
    expect(isAccepted(element)).toBe(false);
  });

  it('sec:T-C-DH-1 refuses each of 40 bad integers', () => {
    const nonResidues = Array.from({ length: 28 }, (_, k) => p - power(2n, BigInt(97 * k + 1)));
    const outside = [
      0n,
      1n,
      -1n,
      -2n,
      p - 1n,
      p,
      p + 1n,
      p + 2n,
      2n * p,
      p * p,
      p + 4n,
      1n << 3072n,
    ];
    const bad = [...outside, ...nonResidues];
    expect(new Set(bad).size).toBe(40);
    expect(bad.filter(isAccepted)).toEqual([]);
  });

  it('decides as x^q = 1 (mod p) does, for anything in range', () => {
    fc.assert(
      fc.property(fc.bigInt(2n, p - 2n), (x) => {
        expect(isAccepted(x)).toBe(power(x, order) === 1n);
      }),
      { numRuns: 40 },
    );
  });

  it('decides alike for a square, and for it with the other sign', () => {
    fc.assert(
      fc.property(fc.bigInt(2n, p - 2n), (root) => {
        const square = (root * root) % p;
        fc.pre(square > 1n);
        expect(isAccepted(square)).toBe(true);
        expect(isAccepted(p - square)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('decides alike for numbers with long runs of zero bits', () => {
    for (const shift of [1n, 31n, 32n, 33n, 64n, 100n, 3000n]) {
      const x = 3n << shift;
      expect(isAccepted(x)).toBe(power(x, order) === 1n);
    }
  });
});

describe('DH keys', () => {
  it('otr:T-050 makes the known keys of the DAKE', () => {
    expect(digest(encodeMpi(generateDh(labelledEnv('bob/b')).public))).toBe(dake['MPI(B)'].digest);
    expect(digest(encodeMpi(generateDh(labelledEnv('alice/a')).public))).toBe(
      dake['MPI(A)'].digest,
    );
  });

  it('otr:T-050 agrees on the known brace key from both sides', () => {
    const b = generateDh(labelledEnv('bob/b'));
    const a = generateDh(labelledEnv('alice/a'));
    for (const shared of [dhShared(b.secret, a.public), dhShared(a.secret, b.public)]) {
      expect(formatHex(kdf(USAGE.thirdBraceKey, [shared], 32))).toBe(dake['DAKE.brace']);
    }
  });

  it('otr:T-002 derives the known brace keys from k_dh = 2^(2^65)', () => {
    const shared = encodeUnsigned(power(2n, 1n << 65n));
    const brace = kdf(USAGE.thirdBraceKey, [shared], 32);
    expect(formatHex(brace)).toBe(known['third brace key of 2^(2^65)']);
    expect(formatHex(kdf(USAGE.braceKey, [brace], 32))).toBe(known['brace key after it']);
  });

  it('computes as plain exponentiation does', () => {
    const edges = [0n, 1n, 31n, 32n, (1n << 80n) - 1n, 1n << 639n, (1n << 640n) - 1n];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...edges), fc.bigInt(0n, (1n << 640n) - 1n)), (x) => {
        const bytes = Uint8Array.from(Buffer.from(x.toString(16).padStart(160, '0'), 'hex'));
        const pair = generateDh({ ...seededEnv('dh'), random: () => bytes.slice() });
        expect(pair.public).toBe(power(2n, x));
        const base = 9n as DhPublic;
        expect(dhShared(pair.secret, base).lend(formatHex)).toBe(
          formatHex(encodeUnsigned(power(9n, x))),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('otr:T-015 shortens a shared secret that begins with zero bytes', () => {
    const one = new Uint8Array(80);
    one[79] = 1;
    const element = power(3n, 2n) as DhPublic;
    const shared = dhShared(Secret.own(one, 80), element);
    expect(shared.length).toBe(1);
    expect(shared.lend((bytes) => [...bytes])).toEqual([9]);
  });
});
