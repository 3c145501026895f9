// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPixels } from '../../../src/renderer/features/verification/read-pixels.ts';

/** Drawn by qrencode 4.1.1: two signs for each square. */
const drawing = readFileSync('test/renderer/verification/fixtures/qrencode-4.1.1.txt', 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const LINK = `xmpp:bob@example.org?otr-fingerprint=${'C0FFEE42'.repeat(14)}`;

interface Shot {
  /** Degrees, as a hand holds a telephone. */
  readonly turned?: number;
  /** Pixels for each square. */
  readonly scale?: number;
  readonly light?: number;
  readonly dark?: number;
}

/** The drawing as a camera sees it: turned, grey, on a wider ground. */
function shoot({ turned = 0, scale = 5, light = 255, dark = 0 }: Shot = {}) {
  const squares = drawing.length;
  const side = Math.ceil(squares * scale * 1.5);
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  const [sin, cos] = [Math.sin((turned * Math.PI) / 180), Math.cos((turned * Math.PI) / 180)];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [fromX, fromY] = [x - side / 2, y - side / 2];
      const column = Math.floor((fromX * cos + fromY * sin) / scale + squares / 2);
      const row = Math.floor((fromY * cos - fromX * sin) / scale + squares / 2);
      const grey = drawing[row]?.[2 * column] === '#' ? dark : light;
      data.fill(grey, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

describe('reading a picture', () => {
  it.each<[string, Shot]>([
    ['straight', {}],
    ['turned by 12 degrees', { turned: 12 }],
    ['upside down', { turned: 180 }],
    ['in poor light', { light: 140, dark: 60 }],
    ['from afar', { scale: 3 }],
  ])('ux:10 finds what another program has drawn: %s', (_what, shot) => {
    expect(readPixels(shoot(shot), 'picture')).toBe(LINK);
  });

  it('ux:10 finds it in a frame of the camera too', () => {
    expect(readPixels(shoot({ turned: 5 }), 'camera')).toBe(LINK);
  });

  it('says that there is none in whatever else a picture holds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 64 }),
        fc.integer({ min: 0, max: 64 }),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (width, height, pattern) => {
          const data = new Uint8ClampedArray(width * height * 4);
          for (let at = 0; at < data.length; at += 1) data[at] = pattern[at % 64] ?? 0;
          expect(readPixels({ width, height, data }, 'picture')).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });
});
