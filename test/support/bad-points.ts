// SPDX-License-Identifier: GPL-3.0-or-later
import { ed448 } from '@noble/curves/ed448.js';
import { bytesToNumberLE, hexToBytes, numberToBytesLE } from '@noble/curves/utils.js';

import known from '../vectors/appendix-a/primitives.json' with { type: 'json' };

const { Point } = ed448;
const p = Point.Fp.ORDER;
const SIGN = 0x80;

function withLastByte(bytes: Uint8Array, bits: number): Uint8Array {
  const copy = bytes.slice();
  copy[56] = (copy[56] ?? 0) ^ bits;
  return copy;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    Point.fromBytes(bytes);
    return true;
  } catch {
    return false;
  }
}

/** y without a point: the first few small ones. */
function offCurve(count: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let y = 2n; found.length < count; y += 1n) {
    const bytes = numberToBytesLE(y, 57);
    if (!decodes(bytes)) found.push(bytes);
  }
  return found;
}

/**
 * 64 spellings that no receiver may take for a public key: identity, small order, mixed order,
 * y of p and above, bits between y and the sign, wrong signs, y off the curve.
 */
export function badPoints(): readonly Uint8Array[] {
  const small = [known.identity, known['order-2 point'], ...known['order-4 points']].map((hex) =>
    hexToBytes(hex),
  );
  const zeroWithSign = [known.identity, known['order-2 point']].map((hex) =>
    withLastByte(hexToBytes(hex), SIGN),
  );
  const torsion = small.slice(1).map((bytes) => Point.fromBytes(bytes));
  const mixed = Array.from({ length: 8 }, (_, k) => Point.BASE.multiply(BigInt(3 * k + 1))).flatMap(
    (point) => torsion.map((part) => point.add(part).toBytes()),
  );
  const tooLarge = Array.from({ length: 9 }, (_, k) => numberToBytesLE(p + BigInt(k), 57));
  const strayBits = Array.from({ length: 7 }, (_, bit) =>
    withLastByte(Point.BASE.toBytes(), 1 << bit),
  );
  const all = [...small, ...zeroWithSign, ...mixed, ...tooLarge, ...strayBits];
  return [...all, ...offCurve(64 - all.length)];
}

/** Whether two spellings have the same y. A test of the list itself. */
export function distinct(points: readonly Uint8Array[]): number {
  return new Set(points.map(bytesToNumberLE)).size;
}
