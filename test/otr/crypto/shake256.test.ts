// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { concat, formatHex } from '#otr/bytes.ts';
import { isAllZero } from '#otr/crypto/constant-time.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { shake256 } from '#otr/crypto/shake256.ts';

const ONE_BLOCK = 136;
const STATE_LENGTH = 200;

function openssl(bytes: Uint8Array, size: number): string {
  return createHash('shake256', { outputLength: size }).update(bytes).digest('hex');
}

describe('shake256', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is what OpenSSL computes, for inputs and outputs around the length of a block', () => {
    for (let length = 0; length <= 2 * ONE_BLOCK + 1; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, k) => k * 7);
      expect(formatHex(shake256([bytes], 64))).toBe(openssl(bytes, 64));
      expect(formatHex(shake256([Uint8Array.of(1)], length))).toBe(
        openssl(Uint8Array.of(1), length),
      );
    }
  });

  it('does not see where one part ends and the next begins', () => {
    const part = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const secrets = parts.map((bytes, k) =>
          k % 2 === 0 ? bytes : Secret.own(bytes.slice(), bytes.length),
        );
        expect(formatHex(shake256(secrets, 57))).toBe(openssl(concat(...parts), 57));
      }),
    );
  });

  it('leaves nothing of its input behind, not even when a part is gone', () => {
    const secret = Secret.own(new Uint8Array(64).fill(7), 64);
    const gone = Secret.own(new Uint8Array(64), 64);
    gone.wipe();
    const { mock } = vi.spyOn(Uint8Array.prototype, 'fill');
    shake256([secret], 64);
    const filled = mock.contexts as readonly Uint8Array[];
    const sponge = filled.find(({ length }) => length === STATE_LENGTH);
    expect(sponge !== undefined && isAllZero(sponge)).toBe(true);
    expect(() => shake256([secret, gone], 64)).toThrow(RangeError);
    expect(sponge !== undefined && isAllZero(sponge)).toBe(true);
  });
});
