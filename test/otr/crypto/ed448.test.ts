// SPDX-License-Identifier: GPL-3.0-or-later
import { ed448 } from '@noble/curves/ed448.js';
import { bytesToNumberLE, numberToBytesLE } from '@noble/curves/utils.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { concat, encodeUtf8, formatHex, parseHex } from '#otr/bytes.ts';
import {
  add,
  addScalars,
  BASE_POINT,
  combine,
  ecdh,
  ecdhLongTerm,
  expandSeed,
  generateEcdh,
  GROUP_ORDER,
  hashToScalar,
  multiply,
  multiplyBase,
  pruneAndRetire,
  randomScalar,
  respond,
  sign,
  subtract,
  toScalar,
  validatePoint,
  verify,
} from '#otr/crypto/ed448.ts';
import type { EcdhPublic } from '#otr/crypto/ed448.ts';
import { USAGE } from '#otr/crypto/kdf.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';

import { badPoints, distinct } from '../../support/bad-points.ts';
import { labelledEnv } from '../../support/labelled-random.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import dake from '../../vectors/appendix-a/interactive-dake.json';
import longTerm from '../../vectors/appendix-a/long-term.json';
import known from '../../vectors/appendix-a/primitives.json';

const q = ed448.Point.Fn.ORDER;
const SMALL_ORDER = [...known['order-4 points'], known['order-2 point'], known.identity];

function validate(hex: string): EcdhPublic {
  return validatePoint(parseHex(hex), 'point');
}

describe('points of Ed448', () => {
  it('otr:T-003 spells the base point and the group order as the specification does', () => {
    expect(formatHex(BASE_POINT)).toBe(known.G);
    expect(formatHex(GROUP_ORDER)).toBe(known.q);
  });

  it('otr:T-004 refuses the identity', () => {
    expect(() => validate(known.identity)).toThrow(OtrError);
  });

  it('otr:T-005 otr:T-006 refuses points of order 2 and 4', () => {
    for (const hex of SMALL_ORDER) expect(() => validate(hex)).toThrow(OtrError);
  });

  it('otr:T-007 refuses a point with a part of small order although it decodes', () => {
    const hex = known['G + order-4 point'];
    expect(ed448.Point.fromBytes(parseHex(hex)).is0()).toBe(false);
    expect(() => validate(hex)).toThrow(OtrError);
  });

  it('otr:T-008 refuses y = p, larger y, and each bit between y and the sign', () => {
    expect(() => validate(known['y = p'])).toThrow(OtrError);
    for (let bit = 0; bit < 7; bit += 1) {
      const bytes = BASE_POINT.slice();
      bytes[56] = (bytes[56] ?? 0) | (1 << bit);
      expect(() => validatePoint(bytes, 'point')).toThrow(OtrError);
    }
  });

  it('otr:T-009 refuses x = 0 with a sign, and y without a square root', () => {
    expect(() => validate(known['identity with sign bit'])).toThrow(OtrError);
    expect(() => validate(known['y = 2'])).toThrow(OtrError);
  });

  it('sec:T-C-PT-1 refuses each of 64 bad spellings', () => {
    const points = badPoints();
    expect(distinct(points)).toBe(64);
    for (const bytes of points) {
      expect(() => validatePoint(bytes, 'point'), formatHex(bytes)).toThrow(OtrError);
    }
  });

  it('refuses any other length than 57 bytes', () => {
    expect(() => validatePoint(BASE_POINT.slice(1), 'point')).toThrow(OtrError);
    expect(() => validatePoint(concat(BASE_POINT, Uint8Array.of(0)), 'point')).toThrow(OtrError);
    expect(() => validatePoint(new Uint8Array(0), 'point')).toThrow(OtrError);
    expect(() => validatePoint(new Uint8Array(58), 'point')).toThrow(OtrError);
  });

  it('accepts exactly the points that q brings to the identity, as the specification says', () => {
    const torsion = SMALL_ORDER.map((hex) => ed448.Point.fromBytes(parseHex(hex)));
    fc.assert(
      fc.property(fc.bigInt(1n, q - 1n), fc.constantFrom(...torsion), (n, small) => {
        const point = ed448.Point.BASE.multiply(n).add(small);
        const literal =
          !point.is0() &&
          point
            .multiplyUnsafe(q - 1n)
            .add(point)
            .is0();
        let accepted = true;
        try {
          validatePoint(point.toBytes(), 'point');
        } catch {
          accepted = false;
        }
        expect(accepted).toBe(literal);
      }),
      { numRuns: 25 },
    );
  });

  it('otr:T-222 throws nothing but OtrError for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          validatePoint(bytes, 'point');
        } catch (error) {
          expect(error).toBeInstanceOf(OtrError);
        }
      }),
    );
  });

  it('refuses the difference of equal points, and the sum of opposite ones', () => {
    expect(() => subtract(BASE_POINT, BASE_POINT, 'p')).toThrow(OtrError);
    const opposite = validatePoint(ed448.Point.BASE.negate().toBytes(), 'point');
    expect(() => add(BASE_POINT, opposite, 'p')).toThrow(OtrError);
    expect(add(BASE_POINT, BASE_POINT, 'p')).toEqual(ed448.Point.BASE.double().toBytes());
    expect(subtract(BASE_POINT, opposite, 'p')).toEqual(ed448.Point.BASE.double().toBytes());
  });
});

describe('scalars', () => {
  it('otr:T-010 takes q + 5 for 5, and 0 without complaint', () => {
    expect(bytesToNumberLE(toScalar(numberToBytesLE(q + 5n, 57)))).toBe(5n);
    const zero = toScalar(new Uint8Array(57));
    expect(combine({ point: BASE_POINT, by: zero })).toEqual(parseHex(known.identity));
  });

  it('otr:T-011 reduces every hash: the last byte is 0 and the one before below 0x40', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        const scalar = hashToScalar(USAGE.auth, [value]);
        expect(bytesToNumberLE(scalar)).toBeLessThan(q);
        expect(scalar[56]).toBe(0);
        expect(scalar[55]).toBeLessThan(0x40);
      }),
    );
  });

  it('adds and responds modulo q', () => {
    const env = seededEnv('scalars');
    const [nonce, secret] = [randomScalar(env), randomScalar(env)];
    const challenge = hashToScalar(1, [BASE_POINT]);
    const response = respond(nonce, secret, challenge);
    const left = combine(
      { point: BASE_POINT, by: response },
      { point: multiplyBase(secret), by: challenge },
    );
    expect(left).toEqual(multiplyBase(nonce));
    const last = toScalar(numberToBytesLE(q - 1n, 57));
    expect(bytesToNumberLE(addScalars(last, last))).toBe(q - 2n);
  });
});

describe('key pairs and ECDH', () => {
  it('otr:T-050 makes the known keys of the DAKE from the known randomness', () => {
    expect(formatHex(generateEcdh(labelledEnv('bob/y')).public)).toBe(dake.Y);
    expect(formatHex(generateEcdh(labelledEnv('alice/x')).public)).toBe(dake.X);
  });

  it('otr:T-050 agrees on the known K_ecdh from both sides', () => {
    const y = generateEcdh(labelledEnv('bob/y'));
    const x = generateEcdh(labelledEnv('alice/x'));
    expect(ecdh(y.secret, x.public).lend(formatHex)).toBe(dake['DAKE.K_ecdh']);
    expect(ecdh(x.secret, y.public).lend(formatHex)).toBe(dake['DAKE.K_ecdh']);
  });

  it('sec:T-C-CT-2 splits a long-term secret anew whenever it meets a foreign point', () => {
    const env = seededEnv('split');
    const long = generateEcdh(env);
    const theirs = generateEcdh(env).public;
    const drawn: string[] = [];
    const watched = {
      ...env,
      random: (length: number) => {
        const bytes = env.random(length);
        drawn.push(formatHex(bytes));
        return bytes;
      },
    };
    const expected = ecdh(long.secret, theirs).lend(formatHex);
    const lent = vi.spyOn(long.secret, 'lend');
    const shared = [1, 2].map(() => ecdhLongTerm(long.secret, theirs, watched).lend(formatHex));
    expect(shared).toEqual([expected, expected]);
    expect(drawn.map((hex) => hex.length)).toEqual([114, 114]);
    expect(new Set(drawn).size).toBe(2);
    // Once in each run, to be split; multiplied by, it would be lent again.
    expect(lent).toHaveBeenCalledTimes(2);
  });

  it('multiplies alike from both ends', () => {
    const env = seededEnv('commute');
    const [a, b] = [randomScalar(env), randomScalar(env)];
    const product = ed448.Point.fromBytes(multiplyBase(a)).multiply(b.lend(bytesToNumberLE));
    expect(multiply(multiplyBase(a), b)).toEqual(product.toBytes());
    expect(multiply(multiplyBase(b), a)).toEqual(product.toBytes());
  });

  it('otr:T-227 leaves nothing of the bytes a random scalar was made from', () => {
    const drawn = new Uint8Array(57).fill(9);
    const scalar = randomScalar({ ...seededEnv('drawn'), random: () => drawn });
    expect(drawn).toEqual(new Uint8Array(57));
    expect(multiplyBase(scalar)).toEqual(ed448.getPublicKey(new Uint8Array(57).fill(9)));
  });

  it('has no secret scalar that is 0', () => {
    expect(() => pruneAndRetire(numberToBytesLE(4n * q, 57))).toThrow(RangeError);
    const hash = new Uint8Array(57).fill(0xff);
    expect(pruneAndRetire(hash).lend(bytesToNumberLE)).toBe((2n ** 448n - 4n) % q);
    expect(hash).toEqual(new Uint8Array(57));
  });

  it('makes the scalar of a symmetric key as RFC 8032 does', () => {
    const seed = Secret.own(new Uint8Array(57).fill(7), 57);
    expect(multiplyBase(expandSeed(seed))).toEqual(seed.lend((bytes) => ed448.getPublicKey(bytes)));
  });

  it('otr:T-004 sec:T-C-PT-1 shares neither the identity nor a point spelt with zeros alone', () => {
    const secret = pruneAndRetire(new Uint8Array(57).fill(0x40, 55, 56));
    expect(secret.lend((bytes) => (bytes[0] ?? 0) & 1)).toBe(1);
    const unchecked = (hex: string) => parseHex(hex) as EcdhPublic;
    expect(() => ecdh(secret, unchecked(known.identity))).toThrow(OtrError);
    const refused = known['order-4 points'].filter((hex) => {
      try {
        ecdh(secret, unchecked(hex));
        return false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-shared-secret', field: 'ecdh' });
        return true;
      }
    });
    // The other one is spelt with a sign.
    expect(refused).toHaveLength(1);
  });
});

describe('signatures', () => {
  // RFC 8032, section 7.4, "Blank" and "1 octet".
  const RFC_8032 = [
    {
      secret:
        '6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b',
      public:
        '5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180',
      message: '',
      signature:
        '533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600',
    },
    {
      secret:
        'c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e',
      public:
        '43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480',
      message: '03',
      signature:
        '26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00',
    },
  ];

  it('otr:T-019 signs and verifies the vectors of RFC 8032', () => {
    for (const vector of RFC_8032) {
      const key = validate(vector.public);
      const message = parseHex(vector.message);
      const signature = sign(Secret.own(parseHex(vector.secret), 57), message);
      expect(formatHex(signature)).toBe(vector.signature);
      expect(verify(key, message, signature)).toBe(true);
    }
  });

  it('otr:T-019 makes the known long-term keys from their symmetric keys', () => {
    expect(formatHex(generateEcdh(labelledEnv('alice/sym_h')).public)).toBe(longTerm['alice.H']);
    expect(formatHex(generateEcdh(labelledEnv('bob/sym_f')).public)).toBe(longTerm['bob.F']);
  });

  it('refuses other messages, other keys, other lengths and S of q and above', () => {
    const env = seededEnv('signer');
    const seed = Secret.own(env.random(57), 57);
    const key = validatePoint(
      seed.lend((bytes) => ed448.getPublicKey(bytes)),
      'key',
    );
    const message = encodeUtf8('message');
    const signature = sign(seed, message);
    expect(verify(key, message, signature)).toBe(true);
    expect(verify(key, encodeUtf8('massage'), signature)).toBe(false);
    expect(verify(BASE_POINT, message, signature)).toBe(false);
    expect(verify(key, message, signature.subarray(1))).toBe(false);
    expect(verify(key, message, new Uint8Array(114))).toBe(false);
    const same = signature.slice();
    same.set(numberToBytesLE(bytesToNumberLE(signature.subarray(57)) + q, 57), 57);
    expect(verify(key, message, same)).toBe(false);
  });
});
