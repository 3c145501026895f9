// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import {
  addScalars,
  multiply,
  multiplyBase,
  randomScalar,
  subtract,
  toScalar,
} from '#otr/crypto/ed448.ts';
import type { Scalar } from '#otr/crypto/ed448.ts';
import {
  hideSecret,
  isCoordinatesProof,
  isExponentProof,
  isResultProof,
  PROOF,
  proveCoordinates,
  proveExponent,
  proveResult,
} from '#otr/smp/proofs.ts';

import { seededEnv } from '../../support/seeded-env.ts';

const env = seededEnv('proofs');
const draw = () => randomScalar(env);
const ONE = toScalar(Uint8Array.of(1));
const other = (scalar: Scalar): Scalar => addScalars(scalar, ONE);

/** One proof after the other, with each of its parts in turn off by one. */
function altered<P extends object>(proof: P): readonly P[] {
  return Object.entries(proof).map(([part, scalar]) => ({
    ...proof,
    [part]: other(scalar as Scalar),
  }));
}

describe('proofs of the comparison', () => {
  it('otr:T-154 of an exponent hold for that point, that number and as they are', () => {
    const exponent = draw();
    const point = multiplyBase(exponent);
    const proof = proveExponent(PROOF.g2a, exponent, draw());
    expect(isExponentProof(PROOF.g2a, point, proof)).toBe(true);
    expect(isExponentProof(PROOF.g3a, point, proof)).toBe(false);
    expect(isExponentProof(PROOF.g2a, multiplyBase(draw()), proof)).toBe(false);
    const holding = altered(proof).filter((part) => isExponentProof(PROOF.g2a, point, part));
    expect(holding).toEqual([]);
  });

  it('otr:T-154 of coordinates hold for those generators and coordinates alone', () => {
    const generators = { g2: multiplyBase(draw()), g3: multiplyBase(draw()) };
    const witness = { secret: draw(), r4: draw(), r5: draw(), r6: draw() };
    const hidden = hideSecret(generators, witness.secret, witness.r4);
    const proof = proveCoordinates(PROOF.pqb, generators, witness);
    const stranger = multiplyBase(draw());
    expect(isCoordinatesProof(PROOF.pqb, generators, hidden, proof)).toBe(true);
    expect(isCoordinatesProof(PROOF.pqa, generators, hidden, proof)).toBe(false);
    for (const part of ['g2', 'g3'] as const) {
      const wrong = { ...generators, [part]: stranger };
      expect(isCoordinatesProof(PROOF.pqb, wrong, hidden, proof), part).toBe(false);
    }
    for (const part of ['p', 'q'] as const) {
      const wrong = { ...hidden, [part]: stranger };
      expect(isCoordinatesProof(PROOF.pqb, generators, wrong, proof), part).toBe(false);
    }
    const holding = altered(proof).filter((part) =>
      isCoordinatesProof(PROOF.pqb, generators, hidden, part),
    );
    expect(holding).toEqual([]);
  });

  it('otr:T-154 of a result hold for that difference, that exponent and that result alone', () => {
    const exponent = draw();
    const difference = subtract(multiplyBase(draw()), multiplyBase(draw()), 'q');
    const statement = {
      difference,
      g3: multiplyBase(exponent),
      r: multiply(difference, exponent),
    };
    const proof = proveResult(PROOF.ra, difference, exponent, draw());
    expect(isResultProof(PROOF.ra, statement, proof)).toBe(true);
    expect(isResultProof(PROOF.rb, statement, proof)).toBe(false);
    for (const part of ['difference', 'g3', 'r'] as const) {
      const wrong = { ...statement, [part]: multiplyBase(draw()) };
      expect(isResultProof(PROOF.ra, wrong, proof), part).toBe(false);
    }
    const holding = altered(proof).filter((part) => isResultProof(PROOF.ra, statement, part));
    expect(holding).toEqual([]);
  });
});
