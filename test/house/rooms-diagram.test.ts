// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rooms } from '../../rooms.config.js';
import { toDiagram } from '../../tools/docs/rooms-diagram.ts';

describe('house: the drawn plan', () => {
  it('docs/rooms.mmd is the plan as it is enforced (npm run docs)', () => {
    const drawn = readFileSync(resolve(import.meta.dirname, '../../docs/rooms.mmd'), 'utf8');
    expect(drawn).toBe(toDiagram(rooms));
  });

  it('tells entering from looking', () => {
    expect(toDiagram({ 'main/a': { enter: ['b'], look: ['c'] }, b: {}, c: {} })).toBe(
      'graph LR\n  main_a["main/a"]\n  b["b"]\n  c["c"]\n  main_a --> b\n  main_a -.-> c\n',
    );
  });
});
