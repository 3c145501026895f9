// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';

import { ed448 } from '@noble/curves/ed448.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';

import { encodeUtf8 } from '#otr/bytes.ts';
import { generateEcdh } from '#otr/crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic } from '#otr/crypto/ed448.ts';
import { RING_SIGNATURE_LENGTH, signRing, verifyRing } from '#otr/crypto/ring-signature.ts';
import type { Ring } from '#otr/crypto/ring-signature.ts';
import { OtrError } from '#otr/errors.ts';

import { seededEnv } from '../../support/seeded-env.ts';
import known from '../../vectors/appendix-a/primitives.json';

const env = seededEnv('ring');
const [first, second, third, stranger] = Array.from({ length: 4 }, () => generateEcdh(env)) as [
  EcdhKeyPair,
  EcdhKeyPair,
  EcdhKeyPair,
  EcdhKeyPair,
];
const ring: Ring = [first.public, second.public, third.public];
const message = encodeUtf8('the transcript');

describe('ring signature', () => {
  it('otr:T-072 verifies whichever member signed', () => {
    for (const signer of [first, second, third]) {
      const signature = signRing(signer, ring, message, env);
      expect(signature).toHaveLength(RING_SIGNATURE_LENGTH);
      expect(verifyRing(ring, signature, message)).toBe(true);
    }
  });

  it('otr:T-072 draws the same randomness whichever member signs', () => {
    const drawn = [first, second, third].map((signer) => {
      const lengths: number[] = [];
      const source = seededEnv('counted');
      signRing(signer, ring, message, {
        ...source,
        random: (length) => {
          lengths.push(length);
          return source.random(length);
        },
      });
      return lengths;
    });
    expect(drawn).toEqual(Array.from({ length: 3 }, () => Array.from({ length: 7 }, () => 57)));
  });

  it('otr:T-072 refuses a signer who is no member, or two', () => {
    expect(() => signRing(stranger, ring, message, env)).toThrow(RangeError);
    const doubled: Ring = [first.public, first.public, third.public];
    expect(() => signRing(first, doubled, message, env)).toThrow(RangeError);
  });

  it('otr:T-072 fails for members in another order, another member and another message', () => {
    const signature = signRing(second, ring, message, env);
    const others: readonly (readonly [EcdhPublic, EcdhPublic, EcdhPublic])[] = [
      [second.public, first.public, third.public],
      [third.public, first.public, second.public],
      [first.public, second.public, stranger.public],
    ];
    for (const other of others) expect(verifyRing(other, signature, message)).toBe(false);
    expect(verifyRing(ring, signature, encodeUtf8('another'))).toBe(false);
  });

  it('is what the specification says, computed with other tools', () => {
    const signature = signRing(second, ring, message, env);
    const { Point } = ed448;
    const scalars = Array.from({ length: 6 }, (_, k) =>
      bytesToNumberLE(signature.subarray(57 * k, 57 * k + 57)),
    );
    const commitments = ring.map((member, k) =>
      Point.BASE.multiply(scalars[2 * k + 1] ?? 0n)
        .add(Point.fromBytes(member).multiply(scalars[2 * k] ?? 0n))
        .toBytes(),
    );
    const hashed = createHash('shake256', { outputLength: 57 })
      .update('OTRv4')
      .update(Uint8Array.of(0x1a))
      .update(Buffer.from(known.G + known.q, 'hex'));
    for (const part of [...ring, ...commitments, message]) hashed.update(part);
    const challenge = bytesToNumberLE(hashed.digest()) % Point.Fn.ORDER;
    const sum = (scalars[0] ?? 0n) + (scalars[2] ?? 0n) + (scalars[4] ?? 0n);
    expect(sum % Point.Fn.ORDER).toBe(challenge);
  });

  it('otr:T-055 fails when any part of the signature is altered', () => {
    const signature = signRing(third, ring, message, env);
    for (let part = 0; part < 6; part += 1) {
      const altered = signature.slice();
      altered[57 * part + 3] = (altered[57 * part + 3] ?? 0) ^ 0x10;
      expect(verifyRing(ring, altered, message)).toBe(false);
    }
    expect(verifyRing(ring, new Uint8Array(RING_SIGNATURE_LENGTH), message)).toBe(false);
  });

  it('refuses another length with an OtrError', () => {
    expect(() => verifyRing(ring, new Uint8Array(341), message)).toThrow(OtrError);
  });
});
