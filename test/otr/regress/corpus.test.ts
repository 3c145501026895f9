// SPDX-License-Identifier: GPL-3.0-or-later
import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';

import { folderOf, inputOf, readKept } from '../../../tools/fuzz/findings.ts';
import { targetNamed } from '../../../tools/fuzz/targets.ts';
import type { Target } from '../../../tools/fuzz/target.ts';

const files = globSync('test/corpus/regress/*/*.json').toSorted();
const made = new Map<string, Target>();

function targetOf(name: string): Target {
  const known = made.get(name) ?? targetNamed(name)?.make();
  if (known === undefined) throw new RangeError(`no target named ${name}`);
  made.set(name, known);
  return known;
}

describe('inputs that the engine, or a careless change of it, once took wrongly', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)('sec:O1 sec:O4 sec:O8 %s is taken as it should be', (file) => {
    const kept = readKept(file);
    expect(basename(dirname(file))).toBe(folderOf(kept.target));
    const target = targetOf(kept.target);
    expect(() => target.attempt(inputOf(kept))).not.toThrow();
    expect(() => target.audit?.()).not.toThrow();
  });
});
