// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  divideByPublicPowers,
  DH_ORDER,
  multiplyPublicPowers,
  randomDhNonce,
} from '#otr/crypto/dh-batch.ts';
import { DH_MODULUS, generateDh, validateDhElement } from '#otr/crypto/dh3072.ts';
import type { DhKeyPair, DhPublic } from '#otr/crypto/dh3072.ts';
import { combine, combineDifference, generateEcdh, toScalar } from '#otr/crypto/ed448.ts';
import type { EcdhKeyPair, EcdhPublic, Scalar } from '#otr/crypto/ed448.ts';
import { decodeBigEndian, decodeLittleEndian, encodeBigEndian } from '#otr/crypto/integer.ts';
import { jacobi } from '#otr/crypto/jacobi.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { PREKEY_USAGE, prekeyKdf } from '#otr/prekey/kdf.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { isDhProof, isEcdhProof, proveDh, proveEcdh } from '#otr/prekey/proofs.ts';

import { seededEnv } from '../../support/seeded-env.ts';

const env = seededEnv('proofs');
const context = (fill = 7) => Secret.own(new Uint8Array(64).fill(fill), 64);
const { proofMessageEcdh, proofSharedEcdh } = PREKEY_USAGE;

let ecdh: readonly EcdhKeyPair[];
let dh: readonly DhKeyPair[];

beforeAll(() => {
  ecdh = Array.from({ length: 255 }, () => generateEcdh(env));
  dh = Array.from({ length: 255 }, () => generateDh(env));
});

const points = (n: number): readonly EcdhPublic[] => ecdh.slice(0, n).map((pair) => pair.public);
const keys = (n: number): readonly DhPublic[] => dh.slice(0, n).map((pair) => pair.public);

/** The same list with its first and its last element swapped. */
function swapped<T>(list: readonly T[]): readonly T[] {
  return [...list.slice(-1), ...list.slice(1, -1), ...list.slice(0, 1)];
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = exponent.toString(2).length - 1; bit >= 0; bit -= 1) {
    result = (result * result) % DH_MODULUS;
    if ((exponent >> BigInt(bit)) & 1n) result = (result * base) % DH_MODULUS;
  }
  return result;
}

describe('proofs of possession', () => {
  it.each([1, 2, 3, 255])('pks:T-09 about %i points holds, and for them alone', (n) => {
    const proof = proveEcdh(proofMessageEcdh, ecdh.slice(0, n), context(), env);
    expect(isEcdhProof(proofMessageEcdh, points(n), context(), proof)).toBe(true);
    if (n > 3) return;
    const holds = (
      list: readonly EcdhPublic[],
      m = 7,
      use: typeof proofSharedEcdh | typeof proofMessageEcdh = proofMessageEcdh,
    ) => isEcdhProof(use, list, context(m), proof);
    expect(holds(points(n - 1))).toBe(false);
    expect(holds(points(n + 1))).toBe(false);
    if (n > 1) expect(holds(swapped(points(n)))).toBe(false);
    expect(holds(points(n), 8)).toBe(false);
    expect(holds(points(n), 7, proofSharedEcdh)).toBe(false);
  });

  it.each([1, 2, 3, 255])('pks:T-09 about %i DH keys holds, and for them alone', (n) => {
    const proof = proveDh(dh.slice(0, n), context(), env);
    expect(isDhProof(keys(n), context(), proof)).toBe(true);
    if (n > 3) return;
    expect(isDhProof(keys(n - 1), context(), proof)).toBe(false);
    expect(isDhProof(keys(n + 1), context(), proof)).toBe(false);
    if (n > 1) expect(isDhProof(swapped(keys(n)), context(), proof)).toBe(false);
    expect(isDhProof(keys(n), context(8), proof)).toBe(false);
  });

  it('pks:T-09 fails when c or v is altered, or comes from somebody without the secret', () => {
    const proof = proveEcdh(proofMessageEcdh, ecdh.slice(0, 2), context(), env);
    const c = proof.c.with(63, (proof.c[63] ?? 0) ^ 1);
    const v = toScalar(proof.v.with(0, (proof.v[0] ?? 0) ^ 1));
    expect(isEcdhProof(proofMessageEcdh, points(2), context(), { ...proof, c })).toBe(false);
    expect(isEcdhProof(proofMessageEcdh, points(2), context(), { ...proof, v })).toBe(false);
    const [first, second] = ecdh as [EcdhKeyPair, EcdhKeyPair];
    const stolen = { secret: second.secret, public: first.public };
    const forged = proveEcdh(proofMessageEcdh, [stolen], context(), env);
    expect(isEcdhProof(proofMessageEcdh, points(1), context(), forged)).toBe(false);
    const dhProof = proveDh(dh.slice(0, 2), context(), env);
    const dhC = dhProof.c.with(0, (dhProof.c[0] ?? 0) ^ 1);
    expect(isDhProof(keys(2), context(), { ...dhProof, c: dhC })).toBe(false);
    expect(isDhProof(keys(2), context(), { ...dhProof, v: dhProof.v ^ 1n })).toBe(false);
  });

  it('pks:T-10 t is little-endian for points and big-endian for integers', () => {
    const proof = proveEcdh(proofMessageEcdh, ecdh.slice(0, 1), context(), env);
    const p = prekeyKdf(PREKEY_USAGE.proofExpansion, [proof.c], 44);
    const [point] = points(1) as [EcdhPublic];
    const open = (t: bigint) => {
      const by = encodeBigEndian(t, 57).toReversed() as Scalar;
      const commitment = combineDifference(proof.v, [{ point, by }]);
      return prekeyKdf(proofMessageEcdh, [commitment, point, context()], 64);
    };
    expect(open(decodeLittleEndian(p))).toEqual(proof.c);
    expect(open(decodeBigEndian(p))).not.toEqual(proof.c);

    const dhProof = proveDh(dh.slice(0, 1), context(), env);
    const dhP = prekeyKdf(PREKEY_USAGE.proofExpansion, [dhProof.c], 44);
    const [base] = keys(1) as [DhPublic];
    const openDh = (by: bigint) => {
      const commitment = divideByPublicPowers(dhProof.v, [{ base, by }]);
      const hashed = [encodeMpi(commitment), encodeMpi(base), context()];
      return prekeyKdf(PREKEY_USAGE.proofMessageDh, hashed, 64);
    };
    expect(openDh(decodeBigEndian(dhP))).toEqual(dhProof.c);
    expect(openDh(decodeLittleEndian(dhP))).not.toEqual(dhProof.c);
  });

  it('pks:T-11 v of 200 DH proofs fills the range: nothing of the secret shows', () => {
    const bits = Array.from(
      { length: 200 },
      () => proveDh(dh.slice(0, 1), context(), env).v.toString(2).length,
    );
    expect(Math.min(...bits)).toBeGreaterThan(3071 - 24);
    expect(Math.max(...bits)).toBeLessThanOrEqual(3071);
  });

  it('draws DH nonces below dh_q only, and draws again for the rest', () => {
    const draws = [
      new Uint8Array(384).fill(0xff),
      new Uint8Array(384),
      encodeBigEndian(DH_ORDER, 384),
      encodeBigEndian(DH_ORDER - 1n, 384),
    ];
    const nonce = randomDhNonce({ ...env, random: () => draws.shift() ?? new Uint8Array(384) });
    expect(nonce.lend(decodeBigEndian)).toBe(DH_ORDER - 1n);
    expect(draws).toHaveLength(0);
  });
});

describe('group membership', () => {
  it('pks:T-08 keeps 0, 1, p - 1, p and non-residues out of a publication', () => {
    let nonResidue = 2n;
    while (jacobi(nonResidue, DH_MODULUS) !== -1) nonResidue += 1n;
    for (const b of [0n, 1n, DH_MODULUS - 1n, DH_MODULUS, nonResidue]) {
      expect(() => validateDhElement(b, 'b')).toThrow('bad-dh-element');
    }
    expect(validateDhElement(2n, 'b')).toBe(2n);
  });

  it('pks:T-14 the Jacobi symbol and the power agree', () => {
    const values = fc.bigInt(2n, DH_MODULUS - 2n);
    fc.assert(
      fc.property(values, (value) => {
        const isMember = power(value, DH_ORDER) === 1n;
        expect(jacobi(value, DH_MODULUS) === 1).toBe(isMember);
      }),
      { numRuns: 12 },
    );
  });
});

describe('sums and products for many keys', () => {
  const exponents = fc.oneof(
    fc.bigInt(0n, (1n << 352n) - 1n),
    fc.constantFrom(0n, 1n, 31n, 32n, (1n << 352n) - 1n),
  );

  it('the product of powers is what single powers make', () => {
    const terms = fc.array(fc.tuple(fc.nat(9), exponents), { maxLength: 4 });
    fc.assert(
      fc.property(terms, fc.bigInt(0n, DH_ORDER - 1n), (list, by) => {
        const bases = keys(10);
        const factors = list.flatMap(([k, exponent]) =>
          bases.slice(k, k + 1).map((base) => ({ base, by: exponent })),
        );
        const literal = factors.reduce(
          (rest, { base, by: exponent }) => (rest * power(base, exponent)) % DH_MODULUS,
          1n,
        );
        expect(multiplyPublicPowers(factors)).toBe(literal);
        const quotient = divideByPublicPowers(by, factors);
        expect((quotient * literal) % DH_MODULUS).toBe(power(2n, by));
      }),
      { numRuns: 12 },
    );
  });

  it('the difference of sums is the sum with the negated scalars', () => {
    const [base, other] = points(2) as [EcdhPublic, EcdhPublic];
    const by = toScalar(new Uint8Array(57).fill(3));
    const terms = [
      { point: base, by: toScalar(new Uint8Array(44).fill(5)) },
      { point: other, by: toScalar(new Uint8Array(44).fill(9)) },
    ];
    const sum = combine(...terms);
    const zero = toScalar(new Uint8Array(57));
    const negated = combineDifference(zero, terms);
    expect(negated).not.toEqual(sum);
    expect(negated.with(56, (negated[56] ?? 0) ^ 0x80)).toEqual(sum);
    expect(combineDifference(by, [])).toEqual(combineDifference(by, [{ point: base, by: zero }]));
  });
});
